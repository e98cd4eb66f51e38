"""deploy/examples/spot-by-detach.yaml against moto: a warned instance leaves its group, which launches a replacement."""

import pytest

import aws
from examples import example, group_of, is_drained, members, warn_of_spot
from processes import eventually

AS_IT_IS = example("spot-by-detach")


@pytest.fixture
def world(moto_world):
    aws.make_table(moto_world.aws.dynamodb)
    return moto_world


def set_desired(world, count, max_size=5):
    world.aws.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="web-asg", DesiredCapacity=count, MaxSize=max_size
    )
    return members(world)


def state_of(world, instance):
    (reservation,) = world.aws.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def settled(world, worker, count=1):
    def all_removed():
        return worker.settled() == count and is_drained(world)

    eventually(all_removed, 40, what="the warning settled")
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)


def test_the_only_instance_is_detached_once_a_second_one_serves(world, start_worker):
    (warned,) = set_desired(world, 1)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    settled(world, worker)
    assert group_of(world)["DesiredCapacity"] == 2, "detached with decrement, or not raised"
    assert warned not in members(world)
    assert len(members(world)) == 2, "no replacement"
    assert state_of(world, warned) == "running", "detaching is not ending: load balancers drain it first"


def test_where_enough_serve_nothing_is_raised(world, start_worker):
    set_desired(world, 3)
    warned = world.instances[0]
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    settled(world, worker)
    assert group_of(world)["DesiredCapacity"] == 3
    assert warned not in members(world) and len(members(world)) == 3


def test_a_group_that_may_not_grow_lets_its_only_instance_go(world, start_worker):
    (warned,) = set_desired(world, 1, max_size=1)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    settled(world, worker)
    assert group_of(world)["DesiredCapacity"] == 1
    assert warned not in members(world) and len(members(world)) == 1
    assert worker.logs(event="capacity_at_max", level="warn")


def test_a_warning_that_comes_twice_detaches_once(world, start_worker):
    warned = world.instances[0]
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned, warned)

    settled(world, worker, count=2)
    assert group_of(world)["DesiredCapacity"] == 2
    assert warned not in members(world) and len(members(world)) == 2
    assert world.instances[1] in members(world)


def test_a_warning_of_an_instance_already_detached_is_nobodys_and_removed(world, start_worker):
    warned = world.instances[0]
    world.aws.autoscaling.detach_instances(
        AutoScalingGroupName="web-asg", InstanceIds=[warned], ShouldDecrementDesiredCapacity=False
    )
    before = members(world)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    settled(world, worker)
    assert members(world) == before
    assert group_of(world)["DesiredCapacity"] == 2
    assert worker.metric("lifehook_events_total", event="spot_interruption", outcome="foreign") == 1
