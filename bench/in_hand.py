"""Memory with thousands of hooks in hand, each waiting for a task that does not stop: in the simulator, which has tasks."""

import time

import measure
from processes import eventually
from simulator import Fleet, Simulator


def draining(fleet):
    pages = fleet.aws.ecs.get_paginator("list_container_instances").paginate(cluster="prod", status="DRAINING")
    return sum(len(page["containerInstanceArns"]) for page in pages)


def occupy(fleet):
    """One task on every instance."""
    arns = list(fleet.container_instances.values())
    for n in range(0, len(arns), 10):
        fleet.aws.ecs.start_task(cluster="prod", taskDefinition="web", containerInstances=arns[n : n + 10])


def memory_in_hand(start, directory, count):
    """MiB resident and at the peak with `count` hooks in hand."""
    with measure.on_core(measure.SERVER_CORE):
        simulator = Simulator()
    with simulator:
        fleet = Fleet(simulator, count=count, heartbeat=7200)
        occupy(fleet)
        with start(directory, simulator.url, 4, fleet.queue) as worker:
            worker.ready()
            fleet.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=fleet.group, DesiredCapacity=0)
            eventually(lambda: worker.metric("lifehook_hooks_held") == count, 300, 0.5, f"{count} hooks held")
            eventually(lambda: draining(fleet) == count, 300, 2, "all draining")
            time.sleep(10 if count > 1000 else 2)
            assert simulator.calls().get("autoscaling.CompleteLifecycleAction", 0) == 0
            resident, peak = measure.memory_mib(worker.pid), measure.memory_mib(worker.pid, "VmHWM")
            return {"hooks": count, "resident": resident, "peak": peak}
