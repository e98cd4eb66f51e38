"""The job of the bench, done by lifehook, its peers and the floor in turns: at once, late, paced, behind TLS; and idling."""

import contextlib
import statistics
import time

import clients
import measure
from endpoint import Endpoint

DELAY_MS = 20
PACE = 50  # hooks a second
IDLE_POLLS = 2


def run_job(client, directory, parallel, settles, **options):
    """One endpoint, one client, all hooks to their end: what the endpoint measured, and the CPU and memory it took."""
    with Endpoint(**options) as endpoint, client.start(directory, endpoint.url, parallel) as program:
        endpoint.asked(program)
        time.sleep(settles)
        before = measure.cpu_seconds(program.pid)
        endpoint.release()
        seen = endpoint.all_done()
        spent = measure.cpu_seconds(program.pid) - before
        return seen | {"cpu": spent, "peak": measure.memory_mib(program.pid, "VmHWM")}


def job_figures(seen):
    hooks = seen["hooks"]
    return {
        "hooks": hooks,
        "rate": hooks / seen["window"],
        "cpu": seen["cpu"] / hooks * 1000,
        "calls": sum(seen["calls"].values()) / hooks,
        "p50": seen["latency_ms"]["p50"],
        "p99": seen["latency_ms"]["p99"],
        "busy": seen["busy"],
    }


def share_of(hooks, client):
    return max(10, int(hooks * client.share))


def saturated(client, directory, size):
    hooks = share_of(size["hooks"], client)
    return job_figures(run_job(client, directory, client.parallel, size["settles"], hooks=hooks))


def behind_tls(client, directory, size):
    hooks = share_of(size["tls_hooks"], client)
    return job_figures(run_job(client, directory, client.parallel, size["settles"], hooks=hooks, tls=True))


def late(client, directory, size):
    hooks = share_of(size["late_hooks"], client)
    return job_figures(run_job(client, directory, client.parallel_late, size["settles"], hooks=hooks, delay=DELAY_MS))


def paced(client, directory, size):
    hooks = PACE * size["paced_seconds"]
    return job_figures(run_job(client, directory, client.parallel, size["settles"], hooks=hooks, rate=PACE))


def shares_of_a_core(pids, seconds):
    """Percent of each, of the same time."""
    before, began = [measure.cpu_seconds(pid) for pid in pids], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return [(measure.cpu_seconds(pid) - start) / took * 100 for pid, start in zip(pids, before, strict=True)]


def idle(programs, directory, size):
    """Resident memory and share of a core of workers that have nothing to do, with two long polls as ours has by default. All at once: a slow minute of the machine hits all of them."""
    with contextlib.ExitStack() as running:
        pids = []
        for client in programs:
            endpoint = running.enter_context(Endpoint(hooks=0))
            own = directory / client.name
            own.mkdir()
            program = running.enter_context(client.start(own, endpoint.url, min(client.parallel, IDLE_POLLS)))
            endpoint.asked(program)
            pids.append(program.pid)
        time.sleep(size["idle_settles"])
        spans = [shares_of_a_core(pids, size["idle_seconds"]) for _ in range(size["idle_times"])]
        return {
            client.name: {"rss": measure.memory_mib(pid), "cpu": statistics.median(shares)} | measure.resident_by_kind(pid)
            for client, pid, shares in zip(programs, pids, zip(*spans, strict=True), strict=True)
        }


def start_time(client, directory, size):
    """Milliseconds from exec to the first ReceiveMessage."""
    with Endpoint(hooks=0) as endpoint:
        began = time.monotonic()
        with client.start(directory, endpoint.url, client.parallel) as program:
            endpoint.asked(program)
            return {"first": (endpoint.stats()["first_receive"] - began) * 1000}


# What is measured, and which of the sizes says how many times; without, of all clients at once.
PARTS = {
    "saturated": (saturated, "rounds"),
    "tls": (behind_tls, "rounds"),
    "late": (late, "rounds"),
    "paced": (paced, "rounds"),
    "idle": (idle, None),
    "start": (start_time, "starts"),
}
FLOORS = {"saturated": 3, "late": 2, "paced": 1}


def who(part, smoke):
    """Everybody who is there; where it must be quick, lifehook alone but for the first part."""
    workers = [client for client in clients.clients() if not client.missing]
    return workers[:1] if smoke and part != "saturated" else workers + clients.floors()[: FLOORS.get(part, 0)]


def middle(runs):
    """Medians; and of everything the worst, where one run says little about the next."""
    figures = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return figures | {f"worst_{key}": max(run[key] for run in runs) for key in runs[0]}


def measure_part(part, programs, directory, size):
    """{name of client: figures}; the clients take turns, so that a slow minute of the machine hits all of them."""
    ask, times = PARTS[part]
    if not times:
        return ask(programs, directory, size)
    runs = {client.name: [] for client in programs}
    for _ in range(size[times]):
        for client in programs:
            runs[client.name].append(ask(client, directory, size))
    return {name: middle(each) for name, each in runs.items()}
