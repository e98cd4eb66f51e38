"""Several lifehook processes on one queue, all on the client's core: who does how much of the work."""

import contextlib
import time

import clients
import measure
from endpoint import Endpoint

POLLERS = 4


def share_work(count, directory, size):
    hooks = size["replica_hooks"]
    with Endpoint(hooks=hooks) as endpoint, contextlib.ExitStack() as running:
        names = [f"AKIDREPLICA{n}" for n in range(count)]
        workers = [running.enter_context(clients.lifehook(directory, endpoint.url, POLLERS, name=name)) for name in names]
        for each in workers:
            each.ready()
        time.sleep(size["settles"])
        before = sum(measure.cpu_seconds(each.pid) for each in workers)
        endpoint.release()
        seen = endpoint.all_done()
        spent = sum(measure.cpu_seconds(each.pid) for each in workers) - before
        each_did = [each.metric("lifehook_hooks_completed_total", result="continue") for each in workers]
    return {
        "replicas": count,
        "hooks": hooks,
        "rate": hooks / seen["window"],
        "cpu": spent / hooks * 1000,
        "calls": sum(seen["calls"].values()) / hooks,
        "each": sorted((int(did) for did in each_did), reverse=True),
        "busy": seen["busy"],
    }


def replicas(directory, size):
    return [share_work(count, directory, size) for count in size["replicas"]]
