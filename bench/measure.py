"""What a process costs, read from the kernel, and on which core it runs."""

import contextlib
import os
import pathlib
import time

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


@contextlib.contextmanager
def on_core(number):
    """What is started inside runs on that core only, this thread included."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid):
    """User and system time so far, of all its threads, from its CPU clock: /proc knows hundredths of a second only."""
    return time.clock_gettime(~pid << 3 | 2)


def memory_mib(pid, what="VmRSS"):
    """Resident now (VmRSS), or at its peak (VmHWM)."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(what)


def kind_of(path, is_clean):
    if not path.startswith("/"):
        return "heap"
    whose = "libraries" if ".so" in path else "program"
    return f"{whose}_code" if is_clean else f"{whose}_data"


def resident_by_kind(pid):
    """MiB resident: pages of files as they are there (code, constants), those written to, and what has no file."""
    kinds = dict.fromkeys(("program_code", "program_data", "libraries_code", "libraries_data", "heap"), 0.0)
    path = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            path = words[5] if len(words) > 5 else ""
        elif words[0].startswith(("Private_", "Shared_")) and words[0].endswith(("Clean:", "Dirty:")):
            kinds[kind_of(path, words[0].endswith("Clean:"))] += int(words[1]) / 1024
    return kinds


def machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown CPU"
    )
    return f"{len(CORES)} cores of {model}, Linux {os.uname().release}"
