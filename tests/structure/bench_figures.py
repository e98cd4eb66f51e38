"""Figures as `./dev bench` measures them, made up: every reach kept, nothing limited, no curve bent."""

JOB = {"hooks": 1000.0, "rate": 9000.0, "cpu": 0.04, "calls": 1.4, "p50": 0.5, "p99": 0.9, "busy": 0.2, "worst_busy": 0.3}
IDLE = {"rss": 6.0, "cpu": 0.0026, "worst_rss": 6.0, "worst_cpu": 0.0026}
IDLE |= {"libraries_code": 3.0, "libraries_data": 1.0, "program_code": 1.0, "program_data": 0.1, "heap": 0.9}
SIZE = {
    "rounds": 2,
    "delay_ms": 20,
    "pace": 50,
    "idle_seconds": 20,
    "idle_times": 3,
    "starts": 11,
    "spot_starts": 11,
    "warm_warnings": 10,
    "growth_rounds": 5,
    "held": (10_000, 100_000),
    "held_heartbeat": 300,
    "held_settles": 10,
    "reads": 10_000,
    "reads_run": 60,
    "reads_stop": 60,
}
NANOSECONDS = {"yardstick: a stick": 1000.0, "parse": 700.0, "sign": 1500.0, "disposition": 4.0}


def spot_row(cache, delay, *operations):
    calls = [{"operation": each, "ms": 0.3} for each in operations]
    spent = {"p50": 0.4, "p99": 0.7, "own_p50": 0.4, "own_p99": 0.7}
    return spent | {"warnings": 11, "cache": cache, "delay": delay, "calls": calls, "busy": 0.1}


def growth_row(hooks):
    costs = {"calls": 1.4, "cpu": 0.05, "rss": 15.0 + hooks / 1000, "delay": 12.0}
    return costs | {"hooks": hooks, "busy": 0.2, "worst_busy": 0.3}


def held_row(hooks, kib):
    row = {"hooks": hooks, "resident": IDLE["rss"] + hooks * kib / 1024, "at_end": 100.0, "peak": 110.0, "draining": hooks}
    row |= {"taken_in": 25.0, "kept": 141.0, "busy": 0.03, "heartbeats": hooks, "extensions": 6000}
    return row | {"late_messages": 0.0, "late_hooks": 0.0}


def phase(name, seconds, reads_a_second):
    reads = {"DescribeContainerInstances": reads_a_second, "ListTasks": 0.0}
    return {"phase": name, "seconds": seconds, "cpu": 0.05, "reads": reads}


def figures():
    return {
        "missing": {},
        "size": dict(SIZE),
        "page_before": "",
        "saturated": {"lifehook": dict(JOB), "Go": JOB | {"cpu": 0.4}},
        "tls": {"lifehook": dict(JOB), "Go": dict(JOB)},
        "late": {"lifehook": JOB | {"p50": 85.0, "p99": 91.0}, "Go": JOB | {"rate": 2000.0}},
        "paced": {"lifehook": dict(JOB), "Go": dict(JOB)},
        "idle": {"lifehook": dict(IDLE), "Go": dict(IDLE)},
        "start": {"lifehook": {"first": 10.9, "worst_first": 17.5}, "Go": {"first": 8.0, "worst_first": 11.5}},
        "spot": [
            spot_row("cold", 0, "DescribeAutoScalingInstances", "DeregisterTargets"),
            spot_row("warm", 0, "DeregisterTargets"),
        ],
        "replicas": [JOB | {"replicas": 2, "hooks": 200, "each": [110, 90]}],
        "growth": [growth_row(hooks) for hooks in (10, 1000, 100_000)],
        "held": [held_row(10_000, 3.0), held_row(100_000, 3.2)],
        "reads": {
            "hooks": 10_000,
            "clusters": 3,
            "heartbeat": 120,
            "phases": [phase("found", 25.0, 23.9), phase("tasks run", 60.0, 14.0)],
            "memory": {"peak": 60.0, "after": 30.0},
            "heartbeats": 37824.0,
            "expired": 0.0,
            "look_every": 8.1,
            "noticed": {"p50": 67.0, "p99": 90.0, "max": 94.0},
        },
        "image": {"binary": 2.85, "libraries": 37, "closure": 24.0, "largest": {"libcrypto.so.3": 4.5}},
        "micro": dict(NANOSECONDS),
    }
