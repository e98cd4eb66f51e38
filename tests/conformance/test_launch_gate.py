"""Example launch-gate through the real binary: an instance goes into service once it can take work, or is replaced."""

import pytest

import aws
from aws import LAUNCHING
from examples import example
from processes import eventually
from simulator import Fleet


@pytest.fixture
def gated(simulator):
    """A group whose launches are held; nothing in it yet."""
    return Fleet(simulator, count=0, hook="launch-hook", transition=LAUNCHING)


def joins_late(gated, instance):
    return lambda: gated.register(instance)


def is_inactive_at_first(gated, instance):
    arn = gated.register(instance)
    become = lambda status: gated.aws.ecs.update_container_instances_state(
        cluster="prod", containerInstances=[arn], status=status
    )
    become("DRAINING")
    return lambda: become("ACTIVE")


def completions(simulator):
    return simulator.calls().get("autoscaling.CompleteLifecycleAction", 0)


@pytest.mark.parametrize("agent", [joins_late, is_inactive_at_first])
def test_a_launch_is_held_until_its_agent_can_take_work(simulator, gated, start_worker, agent):
    instance = gated.launch()
    can_take_work = agent(gated, instance)
    worker = start_worker(simulator.url, gated.queue, config=example("launch-gate"))
    eventually(lambda: worker.metric("lifehook_hooks_held", group="web", transition="launching") == 1, 40, what="the hook")
    worker.until_looked(1)
    assert gated.lifecycle_state(instance) == "Pending:Wait"
    assert completions(simulator) == 0

    can_take_work()

    eventually(lambda: gated.lifecycle_state(instance) == "InService", 30, what="service")
    eventually(lambda: aws.queue_counts(gated.aws.sqs, gated.queue) == (0, 0), 30, what="an empty queue")
    assert completions(simulator) == 1
    assert worker.metric("lifehook_hooks_completed_total", transition="launching", result="continue") == 1
    assert aws.queue_counts(gated.aws.sqs, gated.dead_letters) == (0, 0)


def test_a_launch_that_never_becomes_ready_is_abandoned_with_its_reason(simulator, gated, start_worker):
    worker = start_worker(simulator.url, gated.queue, config=example("launch-gate", ("timeout: 10m", "timeout: 8s")))
    instance = gated.launch()

    eventually(lambda: worker.metric("lifehook_hooks_completed_total", result="abandon"), 60, what="the end of the hook")

    def ec2_state():
        described = gated.aws.ec2.describe_instances(InstanceIds=[instance])
        return described["Reservations"][0]["Instances"][0]["State"]["Name"]

    eventually(lambda: ec2_state() in ("shutting-down", "terminated"), 30, what="the end of the instance")
    eventually(lambda: instance not in gated.instances(), 60, what="a group without it")
    said = " ".join(map(str, worker.logs(level="warn", instance=instance)))
    assert "no ECS agent has registered it in cluster prod" in said
