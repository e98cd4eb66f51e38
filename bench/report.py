"""bench/README.md: what was measured, on what, by which command."""

import datetime
import pathlib
import subprocess

LEAST_RATIO = 3.9 / 0.2  # of boto3's CPU to ours

TEXT = """\
# What lifehook costs

Written by `./dev bench` on {date}, at commit {commit}. Do not edit: run it again.

Machine: {machine}. `lifehook simulate` has core {server_core}, the worker under test core {client_core}; both workers did
the same job in the same run, one after the other, {rounds} times each; medians.

## Terminate hooks, from message to deletion

All instances of a group end at once; each is found in its cluster, set DRAINING, seen to be empty, its hook completed,
its message deleted. Time counts from the scale-in to the last message's deletion, CPU from the same moment.

| worker | hooks | hooks/s | CPU-s per 1000 hooks | AWS calls per hook |
|---|---|---|---|---|
{jobs}

lifehook takes {ratio:.1f} times less CPU than boto3 here; {limit}. Machines differ, so the limit is a ratio: 0.2 CPU-s
per 1000 hooks where boto3 takes 3.9. Measured there at the same job, with one core and an endpoint without delay: boto3
3.9, Node sqs-consumer 1.9, Go 0.7 CPU-s per 1000 hooks.

## Memory and start

| what | lifehook | allowed | boto3 worker |
|---|---|---|---|
| resident, idle | {idle:.1f} MiB | 16 MiB | {boto3_idle:.1f} MiB |
| resident, {held} hooks in hand in mid-drain | {busy:.1f} MiB (peak {peak:.1f}) | 100 MiB | |
| exec to first ReceiveMessage | {first:.1f} ms (slowest of {starts}: {slowest:.1f}) | 30 ms | {boto3_first:.0f} ms |

Again: `./dev bench`. Quickly, without writing this page: `./dev bench --smoke`.
"""


def row(name, job):
    return f"| {name} | {job['hooks']} | {job['rate']:.0f} | {job['cpu']:.3f} | {job['calls']:.2f} |"


def write(path, **figures):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lifehook, boto3 = figures.pop("lifehook"), figures.pop("boto3")
    pathlib.Path(path).write_text(
        TEXT.format(
            date=datetime.date.today().isoformat(),
            commit=commit or "unknown",
            jobs=row("lifehook", lifehook) + "\n" + row("boto3", boto3),
            ratio=boto3["cpu"] / lifehook["cpu"],
            limit=f"{LEAST_RATIO} is asked" if boto3["cpu"] / lifehook["cpu"] >= LEAST_RATIO else f"**less than the {LEAST_RATIO} asked**",
            **figures,
        )
    )
