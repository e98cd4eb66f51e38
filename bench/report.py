"""bench/README.md: what was measured, on what, by which command."""

import datetime
import json
import pathlib
import subprocess

import measure
import reaches
import report_own
from curves import series
from limited import busy, limited
from processes import ROOT
from reaches import REACHES, exact
from spot import EVERY

PAINTER = ROOT / "build/bench_venv/bin/python"

TEXT = """\
# What lifehook costs

Written by `./dev bench` on {date}, at commit {commit}. Do not edit: run it again.

{reaches}

Machine: {machine}. The endpoint has core {server_core}, the client core {client_core}. All do the same job in the same run,
in turns (idle: side by side): receive 10, find the container instance, set it DRAINING, describe it, complete the hook, delete the message.
The endpoint (`bench_endpoint`) plays AWS for this job only, with answers rendered beforehand; the floor (`bench_floor`) sends the same
requests, each signed freshly, and reads nothing of an answer but its length; once also by the transport lifehook has (docs/decisions/libcurl.md).
While there is work the endpoint does not sleep: a send that wakes a core costs the sender the waking, on a virtual machine more than the call itself.
lifehook runs with `empty_for: 0s`, as its peers too believe ECS's first answer; its default would add a second to each of these hooks, whose instances have no tasks.
It is what its image has (`lifehook_slim`), in the environment of the image (`deploy/Dockerfile`).
{pace_of_the_machine}
{missing}
{limited}

## Saturated: all messages at once, answers without delay

Medians of {rounds}. CPU from the release of the messages to the last deletion; what it goes into is in docs/decisions/cpu.md.

| client | hooks | CPU-s per 1000 hooks | to the best peer | hooks/s | AWS calls per hook | endpoint busy |
|---|---|---|---|---|---|---|
{saturated}

## Behind TLS

The same, the endpoint behind TLS; the CPU of the handshakes is in it. Plain is the run above.

| client | hooks | CPU-s per 1000 hooks | plain | hooks/s | plain | endpoint busy |
|---|---|---|---|---|---|---|
{tls}

## Every answer {delay} ms late

From the message written to the completion read, at the endpoint. In between lifehook waits for the answers to
{serial}, one after the other: {serial_count} x {delay} ms = {serial_ms} ms.
Reach: at least {late_rate} hooks/s ({late_rate_kept}), p99 within {above} ms of that sum ({late_p99_kept}: {late_above} ms above it).

| client | hooks | hooks/s | to the best peer | p50 ms | p99 ms | endpoint busy |
|---|---|---|---|---|---|---|
{late}

## {pace} hooks a second, answers without delay

| client | hooks | p50 ms | p99 ms | p99 to the best peer | endpoint busy |
|---|---|---|---|---|---|
{paced}

## Idle and start

Idle: all side by side for {idle_seconds} s, what comes once a minute included, with two long polls at once (boto3 one; lifehook, which has two, makes one while nothing comes), the median of {idle_times} such spans; the start is from exec to the first ReceiveMessage, median and slowest of {starts}.

| client | resident MiB | to the best peer | CPU % | start ms | slowest | to the best peer |
|---|---|---|---|---|---|---|
{idle}

lifehook's memory is {idle_memory}.

From here on lifehook alone.

## A spot warning

{spot}

## Several processes

{replicas}

## Growth

{growth}

## In hand

{held}

## What a large drain reads of ECS

{reads}

## What ships

{image}

## The decisions alone

Without any I/O, CPU time of one call.

{micro}

Again: `./dev bench`. One part: `./dev bench --only saturated`; all but one: `./dev bench --without held`. Quickly, without writing this page: `./dev bench --smoke`.
"""

# Why a curve of growth bends upwards, by curve (see curves.py); told where it does.
BENDS = {}

LEFT_OUT = "Left out of this run (`--without`)."
PEERS = ("Go", "Node", "boto3")


def ratio(figures, name, key):
    """A client's figure as a multiple of the best peer's; `rate` is better when it is more."""
    best = (max if key == "rate" else min)((figures[peer][key] for peer in PEERS if peer in figures), default=None)
    return f"{figures[name][key] / best:.3g}x" if best else "-"


def table(figures, cells):
    return "\n".join(f"| {name} | " + " | ".join(cells(name, each)) + " |" for name, each in figures.items())


def saturated(all_of):
    return table(
        all_of,
        lambda name, of: (
            f"{of['hooks']:.0f}",
            REACHES["saturated_cpu"].text(of["cpu"]),
            ratio(all_of, name, "cpu"),
            f"{of['rate']:.0f}",
            f"{of['calls']:.2f}",
            busy(of),
        ),
    )


def behind_tls(all_of, plain):
    return table(
        all_of,
        lambda name, of: (
            f"{of['hooks']:.0f}",
            f"{of['cpu']:.4f}",
            REACHES["saturated_cpu"].text(plain[name]["cpu"]),
            f"{of['rate']:.0f}",
            f"{plain[name]['rate']:.0f}",
            busy(of),
        ),
    )


def late(all_of, p99_ms):
    return table(
        all_of,
        lambda name, of: (
            f"{of['hooks']:.0f}",
            REACHES["late_rate"].text(of["rate"]),
            ratio(all_of, name, "rate"),
            f"{of['p50']:.1f}",
            exact(of["p99"], p99_ms, 1),
            busy(of),
        ),
    )


def paced(all_of):
    return table(
        all_of,
        lambda name, of: (
            f"{of['hooks']:.0f}",
            REACHES["paced_p50"].text(of["p50"]),
            REACHES["paced_p99"].text(of["p99"]),
            ratio(all_of, name, "p99"),
            busy(of),
        ),
    )


def idle(all_of, starts):
    return table(
        all_of,
        lambda name, of: (
            REACHES["idle_rss"].text(of["rss"]),
            ratio(all_of, name, "rss"),
            REACHES["idle_cpu"].text(of["cpu"]),
            REACHES["start"].text(starts[name]["first"]),
            f"{starts[name]['worst_first']:.1f}",
            ratio(starts, name, "first"),
        ),
    )


def idle_memory(of):
    libraries = f"of the libraries: {of['libraries_code']:.1f} MiB of code and constants, {of['libraries_data']:.1f} of data"
    program = f"of the program: {of['program_code']:.1f} and {of['program_data']:.1f}"
    return f"{libraries}; {program}; heap and stack: {of['heap']:.1f}"


def pace_of_the_machine(figures):
    floor = figures["saturated"].get("floor, unbatched")
    if not floor:
        return ""
    return (
        f"The floor, unbatched, took {floor['cpu']:.3f} CPU-s per 1000 hooks. It took {reaches.FLOOR_CPU:.3f} where the reaches were set: "
        f"in this run the machine needed {floor['cpu'] / reaches.FLOOR_CPU:.1f} times as long for the same work. No reach is scaled by it."
    )


def missing(figures):
    return "\n".join(f"\n**Without {name}: {why}.**" for name, why in figures["missing"].items())


def late_words(figures):
    above = REACHES["late_p99"]
    sum_ms = reaches.serial_ms(figures)
    return {
        "late": late(figures["late"], sum_ms + above.limit),
        "serial": ", ".join(reaches.SERIAL),
        "serial_count": len(reaches.SERIAL),
        "serial_ms": sum_ms,
        "late_rate": REACHES["late_rate"].limit,
        "late_rate_kept": REACHES["late_rate"].verdict(figures),
        "above": above.limit,
        "late_p99_kept": above.verdict(figures),
        "late_above": above.measured(figures),
    }


def page(figures):
    def own(part, text, *more):
        return text(figures, *more) if part in figures else LEFT_OUT

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    size = figures["size"]
    return TEXT.format(
        date=datetime.date.today().isoformat(),
        commit=commit or "unknown",
        reaches=reaches.table(figures),
        machine=measure.machine(),
        server_core=measure.SERVER_CORE,
        client_core=measure.CLIENT_CORE,
        pace_of_the_machine=pace_of_the_machine(figures),
        missing=missing(figures),
        limited=limited(figures),
        rounds=size["rounds"],
        delay=size["delay_ms"],
        pace=size["pace"],
        idle_seconds=size["idle_seconds"],
        idle_times=size["idle_times"],
        starts=size["starts"],
        saturated=saturated(figures["saturated"]),
        paced=paced(figures["paced"]),
        idle=idle(figures["idle"], figures["start"]),
        idle_memory=idle_memory(figures["idle"]["lifehook"]),
        tls=behind_tls(figures["tls"], figures["saturated"]),
        spot=own("spot", report_own.spot, EVERY),
        replicas=own("replicas", report_own.replicas),
        growth=own("growth", report_own.growth, BENDS),
        held=own("held", report_own.held),
        reads=own("reads", report_own.reads),
        image=own("image", report_own.image),
        micro=own("micro", report_own.micro),
        **late_words(figures),
    )


def draw(curves, path):
    """With the Python that has matplotlib: see picture.py."""
    picture = pathlib.Path(__file__).with_name("picture.py")
    subprocess.run([PAINTER, picture, path], input=json.dumps(curves), text=True, check=True)


def write(path, picture, figures):
    if "growth" in figures:
        draw(series(figures), picture)
    path.write_text(page(figures))
