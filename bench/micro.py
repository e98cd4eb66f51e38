"""bench_micro: the pure decisions on a message's path, alone."""

import json
import subprocess

import measure
from endpoint import BUILT
from processes import ROOT


def micro(_, size):
    """CPU time: what else runs on the core is not theirs."""
    command = [BUILT / "bench_micro", ROOT / "tests/data/messages", "--benchmark_format=json"]
    with measure.on_core(measure.CLIENT_CORE):
        ran = subprocess.run([*command, f"--benchmark_min_time={size['micro_seconds']}"], capture_output=True, check=True)
    all_of = json.loads(ran.stdout)["benchmarks"]
    assert all_of and not any(each.get("error_occurred") for each in all_of), all_of
    return {each["name"]: each["cpu_time"] for each in all_of}  # nanoseconds
