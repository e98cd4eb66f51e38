"""deploy/examples/spot-behind-load-balancer.yaml against moto: a warning takes the instance out of its load balancers and
its replacement in; what was raised is given back."""

import datetime
import time

import pytest

import aws
from examples import example, group_of, is_drained, members, warn_of_spot, warning_body
from processes import eventually
from simulator import Fleet

KEEPS_RAISED = example("spot-behind-load-balancer", ("restore: true", "restore: false"))
AS_IT_IS = example("spot-behind-load-balancer")


class Balanced(aws.MotoWorld):
    """The group of two behind two target groups."""

    def __init__(self, endpoint):
        super().__init__(endpoint)
        aws.make_table(self.aws.dynamodb)
        self.target_groups = [self.make_target_group(name) for name in ("web-http", "web-admin")]
        self.aws.autoscaling.attach_load_balancer_target_groups(
            AutoScalingGroupName="web-asg", TargetGroupARNs=self.target_groups
        )

    def make_target_group(self, name):
        vpc = self.aws.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])["Vpcs"][0]["VpcId"]
        made = self.aws.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)
        return made["TargetGroups"][0]["TargetGroupArn"]

    def registered(self, target_group):
        found = self.aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return {each["Target"]["Id"] for each in found}

    def desired(self):
        return group_of(self)["DesiredCapacity"]

    def is_out(self, instance):
        return all(instance not in self.registered(each) for each in self.target_groups)


@pytest.fixture
def world(moto):
    return Balanced(moto)


def outcomes(worker, step):
    names = ("done", "at_max", "gone", "skipped", "failed")
    counted = {name: worker.metric("lifehook_steps_total", step=step, outcome=name) for name in names}
    return {name: count for name, count in counted.items() if count}


def removed(*workers):
    return sum(each.settled() for each in workers)


def test_the_instance_leaves_all_target_groups_and_one_more_is_wanted(world, start_worker):
    warned, staying = world.instances
    assert all(world.registered(each) == {warned, staying} for each in world.target_groups)
    start_worker(world.endpoint, world.queue, config=KEEPS_RAISED)

    warn_of_spot(world, warned)

    eventually(lambda: is_drained(world) and world.is_out(warned), 30, what="the warning settled")
    assert all(staying in world.registered(each) for each in world.target_groups)
    assert world.desired() == 3
    assert members(world) > {warned, staying}
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)


def test_the_raised_capacity_is_given_back_by_ending_the_instance(world, start_worker):
    warned, staying = world.instances
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    eventually(lambda: removed(worker) == 1 and is_drained(world), 40, what="the warning settled")
    assert world.desired() == 2
    assert warned not in members(world) and staying in members(world)
    assert len(members(world)) == 2, "no replacement"
    (reservation,) = world.aws.ec2.describe_instances(InstanceIds=[warned])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"


def test_a_group_at_its_maximum_is_left_as_it_is_and_it_is_said(world, start_worker):
    warned = world.instances[0]
    world.aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName="web-asg", MaxSize=2)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    eventually(lambda: removed(worker) == 1 and is_drained(world), 30, what="the warning settled")
    assert world.is_out(warned)
    assert world.desired() == 2
    assert members(world) == set(world.instances), "nothing was raised, so nothing is to be given back"
    assert "at_max" in outcomes(worker, "raise_capacity")
    assert worker.logs(event="capacity_at_max", level="warn")
    assert outcomes(worker, "deregister_targets") == {"done": 1}


def test_a_broken_target_group_leaves_the_others_and_the_capacity(world, start_worker):
    warned = world.instances[0]
    broken, whole = world.target_groups
    world.aws.elbv2.delete_target_group(TargetGroupArn=broken)
    worker = start_worker(world.endpoint, world.queue, config=KEEPS_RAISED)

    warn_of_spot(world, warned)

    eventually(lambda: removed(worker) == 1 and is_drained(world), 30, what="the warning settled")
    assert warned not in world.registered(whole)
    assert world.desired() == 3
    (said,) = worker.logs(event="deregistering_failed", level="warn")
    assert said["target_group"] == broken


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
def test_a_warning_that_comes_twice_raises_once(world, start_worker, at_once):
    warned = world.instances[0]
    worker = start_worker(world.endpoint, world.queue, config=KEEPS_RAISED)

    warn_of_spot(world, warned)
    if not at_once:
        eventually(lambda: removed(worker) == 1, 30, what="the first warning settled")
    warn_of_spot(world, warned)

    eventually(lambda: removed(worker) == 2 and is_drained(world), 30, what="both warnings settled")
    assert world.desired() == 3
    assert len(members(world)) == 3


@pytest.fixture
def two_workers(world, start_worker):
    def start(config):
        return [start_worker(world.endpoint, world.queue, name=name, config=config) for name in ("one", "two")]

    return start


def test_a_warning_that_comes_twice_to_two_replicas_raises_once(world, two_workers):
    workers = two_workers(KEEPS_RAISED)

    warn_of_spot(world, *[world.instances[0]] * 6)

    eventually(lambda: removed(*workers) == 6 and is_drained(world), 40, what="all warnings settled")
    assert world.desired() == 3


def test_two_warnings_at_the_same_moment_on_two_replicas_raise_by_two(world, two_workers):
    workers = two_workers(KEEPS_RAISED)

    warn_of_spot(world, *world.instances)

    eventually(lambda: removed(*workers) == 2 and is_drained(world), 40, what="both warnings settled")
    assert world.desired() == 4
    assert all(world.is_out(each) for each in world.instances)


def test_two_warnings_at_the_same_moment_on_two_replicas_are_given_back_by_two(world, two_workers):
    workers = two_workers(AS_IT_IS)

    warn_of_spot(world, *world.instances)

    eventually(lambda: removed(*workers) == 2 and is_drained(world), 60, what="both warnings settled")
    assert world.desired() == 2
    assert len(members(world)) == 2
    assert members(world).isdisjoint(world.instances)


@pytest.fixture
def balanced_fleet(simulator):
    """The simulator answers within a millisecond, so that what is left is the worker's own."""
    aws.make_table(simulator.aws.dynamodb)
    fleet = Fleet(simulator)
    made = simulator.aws.elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId="vpc-1")
    fleet.target_group = made["TargetGroups"][0]["TargetGroupArn"]
    simulator.aws.autoscaling.attach_load_balancer_target_groups(
        AutoScalingGroupName="web-asg", TargetGroupARNs=[fleet.target_group]
    )
    eventually(lambda: healthy(fleet) == set(fleet.instances()), 30, what="the instances registered")
    return fleet


def healthy(fleet):
    found = fleet.aws.elbv2.describe_target_health(TargetGroupArn=fleet.target_group)["TargetHealthDescriptions"]
    return {each["Target"]["Id"] for each in found if each["TargetHealth"]["State"] != "draining"}


def on_the_way(worker):
    """Seconds spent in the calls that come before the instance is out: its group, the group's target groups, its ports."""
    names = ("DescribeAutoScalingInstances", "DescribeAutoScalingGroups", "DescribeTargetHealth", "DeregisterTargets")
    return {name: worker.metric("lifehook_aws_request_duration_seconds_sum", operation=name) for name in names}


def test_the_time_from_receipt_to_deregister_targets_is_recorded(balanced_fleet, start_worker, record_testsuite_property):
    fleet = balanced_fleet
    warned, staying = fleet.instances()
    worker = start_worker(fleet.aws.endpoint, fleet.queue, config=KEEPS_RAISED)
    eventually(lambda: worker.metric("lifehook_aws_requests_total", service="sqs") > 0, 20, what="a first poll")
    time.sleep(2)  # now it long-polls
    body = warning_body(warned)

    sent = time.time()
    fleet.aws.sqs.send_message(QueueUrl=fleet.queue, MessageBody=body)
    (told,) = eventually(lambda: worker.logs(event="deregistered"), 20, what="the instance out")

    took = datetime.datetime.fromisoformat(told["time"]).timestamp() - sent
    record_testsuite_property("spot warning: seconds from sending to deregistered", round(took, 3))
    for name, seconds in on_the_way(worker).items():
        record_testsuite_property(f"spot warning: seconds of {name}", round(seconds, 4))
    print(f"spot warning: {took:.3f} s from sending to deregistered, of which calls: {on_the_way(worker)}")
    assert healthy(fleet) == {staying}
    assert took < 2, "the original's time"
