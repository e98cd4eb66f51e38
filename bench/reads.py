"""What a large scale-in asks of ECS: thousands of instances of three clusters drain under the budget lifehook keeps by
itself, their tasks run on, are told to stop a few at a time, and stop. At
another speed than 1 no time of it means anything."""

import collections
import contextlib
import datetime
import math
import time

import clients
import measure
from clients import patient
from processes import eventually
from simulator import Simulator
from spot import percentile
from wide_fleet import WideFleet, groups_text

CLUSTERS = 3
POLLERS = 4
STOPPING_TAKES = 5  # seconds, of every task of the simulator
RUNNING = ("tasks run", "tasks run on")  # two, for what lifehook does when a drain has not moved for a minute
READS = ("ecs.Describe", "ecs.Get", "ecs.List")


class Watch:
    """What one worker reads of ECS, phase by phase, as the simulator counts it."""

    def __init__(self, fleet, worker):
        self.fleet, self.worker, self.phases = fleet, worker, []

    @contextlib.contextmanager
    def phase(self, name):
        before, began, spent = self.reads(), time.monotonic(), measure.cpu_seconds(self.worker.pid)
        yield
        took, after = time.monotonic() - began, self.reads()
        self.phases.append(
            {
                "phase": name,
                "seconds": took,
                "cpu": (measure.cpu_seconds(self.worker.pid) - spent) / took,
                "reads": {each: (count - before.get(each, 0)) / took for each, count in after.items()},
            }
        )

    def reads(self):
        """Without the bench's own."""
        made = collections.Counter(self.fleet.calls()) - self.fleet.ecs.made
        return {each.removeprefix("ecs."): made[each] for each in made if each.startswith(READS)}


def stop_all(fleet, seconds):
    """Evenly over that time."""
    tasks, began = fleet.tasks(), time.monotonic()
    for n, (cluster, _, task) in enumerate(tasks):
        fleet.stop(cluster, task)
        ahead = began + seconds * (n + 1) / len(tasks) - time.monotonic()
        if ahead > 0.01:
            time.sleep(ahead)


def stopped_at(fleet):
    """{instance: when its task was STOPPED}, seconds since the epoch."""
    found = {}
    for cell in fleet.cells:
        instances, tasks = list(cell.tasks), list(cell.tasks.values())
        for n in range(0, len(tasks), 100):
            described = fleet.ecs.call("DescribeTasks", cluster=cell.cluster, tasks=tasks[n : n + 100])["tasks"]
            by_arn = {each["taskArn"]: each["stoppedAt"] for each in described}
            found |= {instances[m]: by_arn[tasks[m]] for m in range(n, min(n + 100, len(tasks)))}
    return found


def ended_at(worker):
    """{instance: when its hook was completed}, by the worker's log."""
    ended = worker.logs(event="hook_ended")
    return {each["instance"]: datetime.datetime.fromisoformat(each["time"]).timestamp() for each in ended}


def noticed(fleet, worker):
    """Seconds from a task's end to its hook's completion."""
    stopped, ended = stopped_at(fleet), ended_at(worker)
    return [ended[instance] - at for instance, at in stopped.items() if instance in ended]


def watched(fleet, worker, size):
    count = size["reads"]
    watch = Watch(fleet, worker)
    with watch.phase("found and set DRAINING"):
        fleet.scale_in()
        fleet.all_draining()
    for name in RUNNING:
        with watch.phase(name):
            time.sleep(size["reads_run"])
    with watch.phase("tasks stop, one after the other"):
        stop_all(fleet, size["reads_stop"])
    with watch.phase("the last hooks end"):
        settled = lambda: patient(worker, "lifehook_messages_settled_total")
        eventually(lambda: settled() >= count + CLUSTERS, 1800, 0.5, "all messages deleted")
    return watch.phases


def look_every(fleet, phases):
    """Seconds between two looks at an instance while nothing changes, in the worse phase: a call describes up to a
    hundred of a cluster."""
    calls_a_round = sum(math.ceil(each.count / 100) for each in fleet.cells)
    a_second = min(each["reads"]["DescribeContainerInstances"] for each in phases if each["phase"] in RUNNING)
    return calls_a_round / a_second if a_second else math.inf


def memory_after(worker):
    """MiB resident at the peak, and once the worker has seen that the burst is over: it looks every 30 s."""
    time.sleep(35)
    return {"peak": measure.memory_mib(worker.pid, "VmHWM"), "after": measure.memory_mib(worker.pid)}


def reads(directory, size):
    count = size["reads"]
    with measure.on_core(measure.SERVER_CORE):
        simulator = Simulator("--speed", str(size["reads_speed"]))
    with simulator:
        fleet = WideFleet(simulator, count, CLUSTERS, size["reads_heartbeat"])
        config = clients.QUEUE + groups_text(fleet.cells)
        with clients.lifehook(directory, simulator.url, POLLERS, fleet.queue, config, level="info") as worker:
            worker.ready()
            phases = watched(fleet, worker, size)
            waits = noticed(fleet, worker)
            completed = patient(worker, "lifehook_hooks_completed_total", result="continue")
            return {
                "hooks": count,
                "clusters": CLUSTERS,
                "heartbeat": size["reads_heartbeat"],
                "phases": phases,
                "memory": memory_after(worker),
                "heartbeats": patient(worker, "lifehook_heartbeats_total", outcome="done"),
                "expired": count - completed,
                "look_every": look_every(fleet, phases),
                "noticed": {"p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99), "max": max(waits)},
            }
