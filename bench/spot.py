"""From the answer that carries a spot warning to DeregisterTargets, both as the endpoint sees them: with nothing known of
the group yet, then with the group's target groups known from the warning before."""

import itertools
import math
import statistics
import time

import clients
from endpoint import Endpoint

EVERY = 1.5  # a second: each is over before the next comes, and looked up at once (lifehook looks twice a second at few)
DELAYS_MS = (0, 20)
UNCOUNTED = {"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}  # of the queue: nothing waits for them

CONFIG = clients.QUEUE + """\
groups:
  - name: web
    match: ["web-*"]
    spot_interruption:
      - deregister_targets
"""


def between(order):
    """Of each warning, in milliseconds from when it was written: every call until its instance was deregistered."""
    calls = [(operation, at) for operation, at in order["calls"] if operation not in UNCOUNTED]
    return [
        [(operation, (at - written) * 1000) for operation, at in calls if written <= at <= done]
        for written, done in order["hooks"]
    ]


def own_time(calls, delay):
    """Without what the answers it waited for took: those to all calls but the last, which may overlap."""
    waited, until = 0.0, 0.0
    end = calls[-1][1]
    for _, at in calls[:-1]:
        begin, finish = max(at, until), min(at + delay, end)
        if finish > begin:
            waited, until = waited + finish - begin, finish
    return end - waited


def percentile(values, share):
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def warn(directory, delay, size):
    """One process: its first warning, and those after; and the share of the time the endpoint was busy."""
    with Endpoint(hooks=1 + size["warm_warnings"], delay=delay, rate=EVERY, spot=True) as endpoint:
        with clients.lifehook(directory, endpoint.url, 2, config=CONFIG) as worker:
            endpoint.asked(worker)
            time.sleep(size["settles"])
            endpoint.release()
            seen = endpoint.all_done(110)
            return between(endpoint.order()), seen["busy"]


def figures_of(warnings, delay):
    took = [calls[-1][1] for calls in warnings]
    usual = statistics.mode(tuple(operation for operation, _ in calls) for calls in warnings)
    alike = [calls for calls in warnings if tuple(operation for operation, _ in calls) == usual]
    return {
        "warnings": len(warnings),
        "delay": delay,
        "p50": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
        "own_p50": percentile([own_time(calls, delay) for calls in warnings], 0.5),
        "own_p99": percentile([own_time(calls, delay) for calls in warnings], 0.99),
        "calls": [
            {"operation": operation, "ms": statistics.median(calls[n][1] for calls in alike)}
            for n, operation in enumerate(usual)
        ],
    }


def spot(directory, size):
    found = []
    for delay in DELAYS_MS:
        runs = [warn(directory, delay, size) for _ in range(size["spot_starts"])]
        busy = max(share for _, share in runs)
        warm = list(itertools.chain.from_iterable(warnings[1:] for warnings, _ in runs))
        found.append(figures_of([warnings[0] for warnings, _ in runs], delay) | {"cache": "cold", "busy": busy})
        found.append(figures_of(warm, delay) | {"cache": "warm", "busy": busy})
    return found
