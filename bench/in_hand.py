"""Memory with thousands of hooks in hand, each waiting for a task that does not stop: in the simulator, which has tasks."""

import math
import time

import aws
import clients
import measure
from clients import patient
from processes import eventually
from simulator import Simulator
from wide_fleet import LARGEST_CLUSTER, WideFleet, groups_text

POLLERS = 4


def in_time(worker, fleet, count):
    """How often messages and hooks were given more time; and what was too late: messages received twice or visible again,
    hooks that ended."""
    calls = fleet.calls()
    visible, _ = aws.queue_counts(fleet.aws.sqs, fleet.queue)
    notifications = patient(worker, "lifehook_messages_settled_total")
    received = patient(worker, "lifehook_messages_received_total") - notifications
    return {
        "heartbeats": patient(worker, "lifehook_heartbeats_total", outcome="done"),
        "extensions": calls.get("sqs.ChangeMessageVisibilityBatch", 0),
        "late_messages": received - count + visible,
        "late_hooks": count - patient(worker, "lifehook_hooks_held"),
    }


def comes(waiting, *arguments):
    """Whether it came: what takes too long is a figure too, and no end of the bench."""
    try:
        waiting(*arguments)
        return True
    except AssertionError:
        return False


def scaled_in(worker, fleet, count, within):
    """Waits for all to be in hand, and every container instance DRAINING; the seconds it took."""
    fleet.scale_in()
    began = time.monotonic()
    comes(eventually, lambda: patient(worker, "lifehook_hooks_held") == count, within, 0.5)
    comes(fleet.all_draining, within)
    return time.monotonic() - began


def memory_in_hand(directory, count, size):
    """MiB resident with `count` hooks in hand once all instances are DRAINING, and when there was a heartbeat for each."""
    with measure.on_core(measure.SERVER_CORE):
        simulator = Simulator()
    with simulator:
        fleet = WideFleet(simulator, count, math.ceil(count / LARGEST_CLUSTER), size["held_heartbeat"])
        config = clients.QUEUE + groups_text(fleet.cells)
        with clients.lifehook(directory, simulator.url, POLLERS, fleet.queue, config) as worker:
            worker.ready()
            took = scaled_in(worker, fleet, count, size["held_within"])
            spent, began = measure.cpu_seconds(worker.pid), time.monotonic()
            time.sleep(size["held_settles"])
            resident = measure.memory_mib(worker.pid)
            wanted = count * size["held_beats"]
            enough = lambda: patient(worker, "lifehook_heartbeats_total") >= wanted
            comes(eventually, enough, 2 * size["held_heartbeat"], 1)
            kept = time.monotonic() - began
            busy = (measure.cpu_seconds(worker.pid) - spent) / kept
            return {
                "hooks": count,
                "resident": resident,
                "at_end": measure.memory_mib(worker.pid),
                "peak": measure.memory_mib(worker.pid, "VmHWM"),
                "draining": fleet.draining(),
                "taken_in": took,
                "kept": kept,
                "busy": busy,
            } | in_time(worker, fleet, count)


def held(directory, size):
    return [memory_in_hand(directory, count, size) for count in size["held"]]
