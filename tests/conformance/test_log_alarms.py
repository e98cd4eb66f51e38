"""The alarms of deploy/alarms.yaml count the lines of a real worker that has the trouble they are named for, and no others."""

import pytest

import events
import log_filter
from processes import eventually
from simulator import Fleet, Simulator
from worker import CONFIG, Worker

SOON = CONFIG.replace("deadline: 10m", "deadline: 1m").replace("timeout: 5m", "timeout: 10s")
SPOT = CONFIG + "    spot_interruption:\n      - drain_ecs: {{cluster: prod}}\n"


@pytest.fixture
def simulator():
    with Simulator() as running:
        yield running


def told(worker):
    """The alarms whose filter finds a line."""
    lines = worker.logs()
    return {name for name, pattern in log_filter.patterns().items() if any(log_filter.matches(pattern, line) for line in lines)}


def tells(worker, *alarms):
    eventually(lambda: told(worker) >= set(alarms), 60, what=f"{alarms} in {worker.lines}")
    assert told(worker) == set(alarms)


def end_one(world):
    instance = world.instances()[0]
    task = world.start_task(instance)
    world.end(instance)
    return instance, task


def test_a_hook_that_ends_well_is_no_alarm(simulator, tmp_path):
    world = Fleet(simulator)
    with Worker(tmp_path, simulator.url, world.queue) as worker:
        worker.ready()
        _, task = end_one(world)
        eventually(lambda: worker.logs(event="draining"), 30, what="a drain")
        world.stop_task(task)

        eventually(lambda: worker.logs(event="hook_ended", result="continue"), 60, what="its end")
        assert told(worker) == set()


def test_a_hook_that_somebody_ends(simulator, tmp_path):
    world = Fleet(simulator)
    with Worker(tmp_path, simulator.url, world.queue) as worker:
        worker.ready()
        instance, _ = end_one(world)
        eventually(lambda: worker.logs(event="draining"), 30, what="a drain")

        world.aws.autoscaling.complete_lifecycle_action(
            AutoScalingGroupName=world.group, LifecycleHookName=world.hook, InstanceId=instance, LifecycleActionResult="CONTINUE"
        )

        tells(worker, "HooksEndedEarly")


def test_a_drain_that_does_not_end_in_its_time(simulator, tmp_path):
    world = Fleet(simulator)
    with Worker(tmp_path, simulator.url, world.queue, config=SOON) as worker:
        worker.ready()
        end_one(world)

        tells(worker, "WorkLeft")


def test_a_drain_that_looks_in_another_cluster(simulator, tmp_path):
    world = Fleet(simulator)
    world.aws.ecs.create_cluster(clusterName="prd")
    with Worker(tmp_path, simulator.url, world.queue, config=CONFIG.replace("cluster: prod", "cluster: prd")) as worker:
        worker.ready()
        end_one(world)

        tells(worker, "DrainsSkipped")


def test_calls_that_are_denied(simulator, tmp_path):
    world = Fleet(simulator)
    simulator.faults({"action": "UpdateContainerInstancesState", "kind": "access_denied"})
    with Worker(tmp_path, simulator.url, world.queue) as worker:
        worker.ready()
        end_one(world)

        tells(worker, "Denied")


def test_completions_that_are_denied(simulator, tmp_path):
    world = Fleet(simulator)
    simulator.faults({"action": "CompleteLifecycleAction", "kind": "access_denied"})
    with Worker(tmp_path, simulator.url, world.queue) as worker:
        worker.ready()
        world.end(world.instances()[0])

        tells(worker, "CompletionsFail", "Denied")


def test_heartbeats_and_receives_that_fail(simulator, tmp_path):
    world = Fleet(simulator)
    with Worker(tmp_path, simulator.url, world.queue) as worker:
        worker.ready()
        simulator.faults({"action": "RecordLifecycleActionHeartbeat", "kind": "access_denied"})
        end_one(world)
        tells(worker, "HeartbeatsFail", "Denied")

        simulator.faults({"action": "ReceiveMessage", "kind": "access_denied"})

        tells(worker, "HeartbeatsFail", "Denied", "ReceivesFail")


def test_a_message_nobody_understands_and_a_table_that_is_not_there(simulator, tmp_path):
    world = Fleet(simulator)
    world.aws.sqs.send_message(QueueUrl=world.queue, MessageBody="{")
    with Worker(tmp_path, simulator.url, world.queue, config="state: {{backend: dynamodb, table: nowhere}}\n" + CONFIG) as worker:
        tells(worker, "Malformed", "NoState")


def test_an_interruption_whose_time_is_over(simulator, tmp_path):
    world = Fleet(simulator)
    with Worker(tmp_path, simulator.url, world.queue, config=SPOT) as worker:
        worker.ready()
        warning = events.of_instance("eb-ec2-spot-interruption-warning", world.instances()[0])

        events.send(world.aws.sqs, world.queue, warning | {"time": "2026-01-01T00:00:00Z"})

        tells(worker, "EventsFail")
