"""./dev bench: what a hook costs lifehook, its peers and the least client there can be; writes bench/README.md.

--smoke: small, no page. --only PART: that part alone, no page. --without PART: the page says that it was left out.
"""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/conformance"))

import clients  # noqa: E402
import comparison  # noqa: E402
import jobs  # noqa: E402
import report  # noqa: E402
from growth import growth  # noqa: E402
from in_hand import held  # noqa: E402
from micro import micro  # noqa: E402
from reads import reads  # noqa: E402
from replicas import replicas  # noqa: E402
from shipped import image  # noqa: E402
from spot import spot  # noqa: E402

# Those that only lifehook has: f(directory, size).
OWN = {each.__name__: each for each in (spot, replicas, growth, held, reads, image, micro)}
PARTS = [*jobs.PARTS, *OWN]
PAGE, PICTURE = ROOT / "bench/README.md", ROOT / "docs/growth.png"

# settles: seconds from the first ReceiveMessage until a worker has got over its start.
# held_beats: heartbeats waited for, of each hook in hand.
FULL = dict(
    settles=1.0,
    rounds=3,
    hooks=10000,
    tls_hooks=10000,
    late_hooks=20000,  # so that the hundredth of p99 is not the start alone: connections are made, memory is touched first
    paced_seconds=10,
    idle_settles=30,
    idle_seconds=90,  # all that recurs is in it: two looks at the queue, one or two for lost hooks, four or five long polls
    idle_times=3,
    starts=11,
    spot_starts=11,
    warm_warnings=10,
    replicas=(1, 2, 4),
    replica_hooks=20000,
    growth=(10, 100, 1000, 10_000, 100_000),
    growth_rounds=5,
    held=(10_000, 100_000),
    held_heartbeat=300,
    held_beats=1,
    held_within=900,
    held_settles=10,
    reads=10_000,
    reads_speed=1,
    reads_heartbeat=120,
    reads_run=60,
    reads_stop=60,
    micro_seconds=0.1,
    micro_rounds=9,
)
SMOKE = dict(
    settles=0.2,
    rounds=1,
    hooks=400,
    tls_hooks=200,
    late_hooks=200,
    paced_seconds=1,
    idle_settles=0.2,
    idle_seconds=0.5,
    idle_times=1,
    starts=1,
    spot_starts=1,
    warm_warnings=1,
    replicas=(2,),
    replica_hooks=200,
    growth=(10, 40),
    growth_rounds=1,
    held=(100,),
    held_heartbeat=300,
    held_beats=0,
    held_within=300,
    held_settles=0.5,
    reads=30,
    reads_speed=5,
    reads_heartbeat=600,
    reads_run=0.5,
    reads_stop=0.2,
    micro_seconds=0.01,
    micro_rounds=3,
)


def plain(of):
    """Rounded, without the worst of several, for the eye."""
    if isinstance(of, float):
        return float(f"{of:.4g}")
    if isinstance(of, dict):
        return {key: plain(each) for key, each in of.items() if not str(key).startswith("worst_")}
    return [plain(each) for each in of] if isinstance(of, (list, tuple)) else of


def say(part, figures, page_before):
    if part == "micro":
        return print("\n".join(comparison.said(comparison.compared(figures, page_before))), flush=True)
    rows = enumerate(figures, 1) if isinstance(figures, list) else figures.items()
    for name, each in rows:
        print(f"{part}, {name}:", plain(each), flush=True)


def measure_all(parts, smoke, directory):
    size = SMOKE if smoke else FULL
    missing = {client.name: client.missing for client in clients.clients() if client.missing}
    for name, why in missing.items():
        print(f"without {name}: {why}", flush=True)
    figures = {"missing": missing, "size": size | {"delay_ms": jobs.DELAY_MS, "pace": jobs.PACE}}
    figures["page_before"] = PAGE.read_text() if PAGE.exists() else ""
    for part in (each for each in PARTS if each in parts):
        if part in OWN:
            figures[part] = OWN[part](directory, size)
        else:
            figures[part] = jobs.measure_part(part, jobs.who(part, smoke), directory, size)
        say(part, figures[part], figures["page_before"])
    return figures


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--smoke", action="store_true", help="small sizes, half a minute, no page")
    asked.add_argument("--only", action="append", choices=PARTS, help="this part alone, no page; more than once: these")
    asked.add_argument("--without", action="append", choices=OWN, default=[], help="leave it out; more than once: these")
    options = asked.parse_args()
    parts = [each for each in options.only or PARTS if each not in options.without]
    with tempfile.TemporaryDirectory() as directory:
        figures = measure_all(parts, options.smoke, pathlib.Path(directory))
    if options.only:
        return
    if options.smoke:
        report.page(figures)  # nobody reads it; it can be written
    else:
        report.write(PAGE, PICTURE, figures)
        print("written: bench/README.md and docs/growth.png")


if __name__ == "__main__":
    main()
