"""./dev bench: what a hook costs lifehook, its peers and the least client there can be; writes bench/README.md.

--smoke: small, no page. --only PART: of the parts saturated, late, paced, idle, start, held; no page.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/conformance"))

import clients  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from in_hand import memory_in_hand  # noqa: E402

# settles: seconds from the first ReceiveMessage until a worker has got over its start.
FULL = dict(rounds=2, hooks=10000, late_hooks=10000, paced_seconds=10, idle_seconds=20, starts=11, held=10000, settles=1.0)
SMOKE = dict(rounds=1, hooks=1000, late_hooks=400, paced_seconds=1, idle_seconds=1, starts=2, held=200, settles=0.3)
DELAY_MS = 20
PACE = 50  # hooks a second


def run_job(client, directory, parallel, settles, **options):
    """One endpoint, one client, all hooks to their end: what the endpoint measured, and the CPU it took."""
    with Endpoint(**options) as endpoint, client.start(directory, endpoint.url, parallel) as program:
        endpoint.asked(program)
        time.sleep(settles)
        before = measure.cpu_seconds(program.pid)
        endpoint.release()
        seen = endpoint.all_done()
        return seen | {"cpu": measure.cpu_seconds(program.pid) - before}


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


def saturated(client, directory, size):
    hooks = max(10, int(size["hooks"] * client.share))
    return job_figures(run_job(client, directory, client.parallel, size["settles"], hooks=hooks))


def late(client, directory, size):
    hooks = max(10, int(size["late_hooks"] * client.share))
    return job_figures(run_job(client, directory, client.parallel_late, size["settles"], hooks=hooks, delay=DELAY_MS))


def paced(client, directory, size):
    hooks = PACE * size["paced_seconds"]
    return job_figures(run_job(client, directory, client.parallel, size["settles"], hooks=hooks, rate=PACE))


def idle(client, directory, size):
    """Resident memory, and the share of a core, of a worker that has nothing to do."""
    with Endpoint(hooks=0) as endpoint, client.start(directory, endpoint.url, client.parallel) as program:
        endpoint.asked(program)
        time.sleep(min(5, 2 * size["idle_seconds"]))
        before, began = measure.cpu_seconds(program.pid), time.monotonic()
        time.sleep(size["idle_seconds"])
        spent = measure.cpu_seconds(program.pid) - before
        return {"rss": measure.memory_mib(program.pid), "cpu": spent / (time.monotonic() - began) * 100}


def start_time(client, directory, size):
    """Milliseconds from exec to the first ReceiveMessage."""
    with Endpoint(hooks=0) as endpoint:
        began = time.monotonic()
        with client.start(directory, endpoint.url, client.parallel) as program:
            endpoint.asked(program)
            return {"first": (endpoint.stats()["first_receive"] - began) * 1000}


def middle(runs):
    """Medians; and of everything the worst, where one run says little about the next."""
    figures = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return figures | {f"worst_{key}": max(run[key] for run in runs) for key in runs[0]}


PARTS = {
    "saturated": (saturated, "rounds"),
    "late": (late, "rounds"),
    "paced": (paced, "rounds"),
    "idle": (idle, None),
    "start": (start_time, "starts"),
}


def say(what, figures):
    rounded = {key: round(value, 4) for key, value in figures.items() if not key.startswith("worst_")}
    print(f"{what}:", rounded, flush=True)


def measure_part(part, programs, directory, size):
    """{name of client: figures}; the clients take turns, so that a slow minute of the machine hits all of them."""
    ask, times = PARTS[part]
    runs = {client.name: [] for client in programs}
    for _ in range(size[times] if times else 1):
        for client in programs:
            runs[client.name].append(ask(client, directory, size))
    figures = {name: middle(each) for name, each in runs.items()}
    for name, each in figures.items():
        say(f"{part}, {name}", each)
    return figures


def who(part, smoke):
    """Everybody who is there; where it must be quick, lifehook alone but for the first part."""
    workers = [client for client in clients.clients() if not client.missing]
    floors = clients.floors() if part in ("saturated", "late") else clients.floors()[:1] if part == "paced" else []
    return workers[:1] + floors if smoke and part != "saturated" else workers + floors


def measure_all(parts, smoke, directory):
    size = SMOKE if smoke else FULL
    missing = {client.name: client.missing for client in clients.clients() if client.missing}
    for name, why in missing.items():
        print(f"without {name}: {why}", flush=True)
    figures = {part: measure_part(part, who(part, smoke), directory, size) for part in PARTS if part in parts}
    if "held" in parts:
        figures["held"] = memory_in_hand(clients.lifehook, directory, size["held"])
        say("in hand", figures["held"])
    return figures | {"missing": missing, "size": size | {"delay_ms": DELAY_MS, "pace": PACE}}


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--smoke", action="store_true", help="small sizes, half a minute, no page")
    asked.add_argument("--only", action="append", choices=[*PARTS, "held"], help="this part alone, no page; more than once: these")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        figures = measure_all(options.only or [*PARTS, "held"], options.smoke, pathlib.Path(directory))
    if not options.smoke and not options.only:
        report.write(ROOT / "bench/README.md", figures)
        print("written: bench/README.md")


if __name__ == "__main__":
    main()
