"""bench_micro: the pure decisions on a message's path, alone."""

import collections
import json
import statistics
import subprocess

import measure
from endpoint import BUILT
from processes import ROOT


def micro(_, size):
    """Nanoseconds of CPU time of each: what else runs on the core is not theirs. The middle of several, in mixed order,
    so that a slow moment of the machine hits the yardstick as much as what is measured by it."""
    command = [BUILT / "bench_micro", ROOT / "tests/data/messages", "--benchmark_format=json"]
    command += ["--benchmark_enable_random_interleaving=true", f"--benchmark_repetitions={size['micro_rounds']}"]
    with measure.on_core(measure.CLIENT_CORE):
        ran = subprocess.run([*command, f"--benchmark_min_time={size['micro_seconds']}"], capture_output=True, check=True)
    all_of = json.loads(ran.stdout)["benchmarks"]
    assert all_of and not any(each.get("error_occurred") for each in all_of), all_of
    runs = collections.defaultdict(list)
    for each in sorted(all_of, key=lambda each: each["family_index"]):  # as they are listed, not as they were run
        if each["run_type"] == "iteration":
            runs[each["run_name"]].append(each["cpu_time"])
    return {name: statistics.median(times) for name, times in runs.items()}
