"""deploy/examples/image-on-unexpected-scale-in.yaml: an instance of the service's current release that ends is kept as an
image before its hook is completed; the end of any other is part of a release and goes on at once."""

import time

import pytest

import aws
from examples import example, is_drained
from processes import eventually
from releases import Releases, tags_of
from simulator import Fleet

NAME = "image-on-unexpected-scale-in"
SOON = ("for: 5m", "for: 1s")  # the wait after a launch
CONFIG = example(NAME, SOON)
IN_MEMORY = example(NAME, SOON, ("backend: dynamodb", "backend: memory"), ("  table: ${STATE_TABLE:-lifehook}\n", ""))


@pytest.fixture
def world(moto):
    return Releases(moto)


@pytest.fixture
def worker(world, start_worker):
    return start_worker(world.endpoint, world.queue, config=CONFIG)


def seconds_ago(count):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - count))


def ends(worker):
    """How create_image has ended, and how often."""
    outcomes = ("done", "expected", "skipped", "gone", "timeout", "failed")
    counted = {each: worker.metric("lifehook_steps_total", step="create_image", outcome=each) for each in outcomes}
    return {outcome: count for outcome, count in counted.items() if count}


def test_a_launch_makes_its_group_current_and_goes_on_after_the_wait(world, start_worker):
    start_worker(world.endpoint, world.queue, config=example(NAME, ("for: 5m", "for: 4s")))
    (launched,) = world.release("web-2")

    began = time.time()
    token = world.launch(launched, "web-2")

    assert world.result(token) == "CONTINUE"
    (completion,) = world.calls(token, "CompleteLifecycleAction")
    assert completion["at"] - began > 3.5
    world.settled()
    items = world.aws.dynamodb.scan(TableName="lifehook")["Items"]
    assert any(item["key"]["S"] == "turns#web" and "web-2" in str(item) for item in items)


def test_an_instance_of_the_current_group_is_an_image_before_its_hook_goes_on(world, worker):
    (ending,) = world.release("web-2")
    world.result(world.launch(ending, "web-2"))
    world.next_image(seconds=6)

    token = world.terminate(ending, "web-2")

    (image,) = eventually(lambda: world.images(ending), 30, what="an image")
    while world.images(ending)[0]["State"] == "pending":
        assert world.action(token)["open"], "completed before the image is available"
        time.sleep(0.2)
    assert world.result(token, 40) == "CONTINUE"
    world.settled()
    tags = tags_of(image)
    assert tags["lifehook:service"] == "web"
    assert tags["lifehook:scaling-group"] == "web-2"
    assert tags["lifehook:instance"] == ending
    assert {"lifehook:cause", "lifehook:time"} < set(tags)
    of_image = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    (snapshot,) = world.aws.ec2.describe_snapshots(SnapshotIds=[of_image])["Snapshots"]
    assert tags_of(snapshot) == tags


def test_an_instance_of_an_older_group_goes_on_without_an_image(world, worker):
    (launched,) = world.release("web-2")
    world.result(world.launch(launched, "web-2"))

    token = world.terminate(world.instances[0], "web-asg")

    assert world.result(token) == "CONTINUE"
    world.settled()
    assert world.images() == []
    assert ends(worker) == {"expected": 1}


def test_messages_that_come_twice_make_one_image(world, worker):
    (ending,) = world.release("web-2")
    world.result(world.launch(ending, "web-2", times=2))

    token = world.terminate(ending, "web-2", times=3)
    assert world.result(token) == "CONTINUE"
    world.settled()
    late = dict(Time=seconds_ago(61))  # of a younger one AWS might not have heard yet, which is waited for
    world.send(aws.action_fields(ending, token, "web-2") | late, times=1)

    world.settled()
    assert len(world.images()) == 1


def test_an_older_launch_that_comes_late_does_not_change_what_is_current(world, worker):
    before_release = seconds_ago(0)
    time.sleep(1.1)
    (current,) = world.release("web-2")
    world.result(world.launch(current, "web-2"))

    expected = world.terminate(world.instances[0], "web-asg")
    assert world.result(expected) == "CONTINUE"
    world.result(world.launch(world.instances[1], "web-asg", Time=before_release))
    still_expected = world.terminate(world.instances[1], "web-asg")
    unexpected = world.terminate(current, "web-2")

    assert {world.result(still_expected), world.result(unexpected)} == {"CONTINUE"}
    world.settled()
    assert [each["Name"] for each in world.images()] == [f"lifehook-web-{current}"]
    assert ends(worker) == {"expected": 2, "done": 1}


def test_a_terminate_that_overtakes_its_release_s_launch_is_expected(world, worker):
    (launched,) = world.release("web-2")
    launch_time = seconds_ago(-1)  # in whole seconds: not before the group was created
    time.sleep(3)

    old = world.terminate(world.instances[0], "web-asg")
    assert world.result(old) == "CONTINUE"
    world.result(world.launch(launched, "web-2", Time=launch_time))

    world.settled()
    assert world.images() == []
    assert ends(worker) == {"expected": 1}


def test_after_a_rollback_the_older_group_is_current_again(world, worker):
    (newer,) = world.release("web-2")
    world.result(world.launch(newer, "web-2"))
    time.sleep(1.1)
    world.result(world.launch(world.instances[0], "web-asg"))

    rolled_back = world.terminate(newer, "web-2")
    unexpected = world.terminate(world.instances[0], "web-asg")

    assert {world.result(rolled_back), world.result(unexpected)} == {"CONTINUE"}
    world.settled()
    assert [each["Name"] for each in world.images()] == [f"lifehook-web-{world.instances[0]}"]
    assert ends(worker) == {"expected": 1, "done": 1}


def test_three_replicas_agree_on_the_current_group_and_make_one_image_of_each_instance(world, start_worker):
    for name in ("one", "two", "three"):
        start_worker(world.endpoint, world.queue, name=name, config=CONFIG)
    current = world.release("web-2", count=3)
    launches = [world.launch(each, "web-2", times=2) for each in current]
    assert {world.result(each) for each in launches} == {"CONTINUE"}

    tokens = [world.terminate(each, "web-2", times=3) for each in current]
    tokens += [world.terminate(each, "web-asg", times=3) for each in world.instances]

    assert {world.result(each, 60) for each in tokens} == {"CONTINUE"}
    world.settled()
    assert sorted(each["Name"] for each in world.images()) == sorted(f"lifehook-web-{each}" for each in current)


def test_a_worker_without_state_takes_the_newest_group_for_the_current_one(world, start_worker):
    (current,) = world.release("web-2")
    start_worker(world.endpoint, world.queue, config=IN_MEMORY)

    tokens = [world.terminate(world.instances[0], "web-asg"), world.terminate(current, "web-2")]

    assert {world.result(each) for each in tokens} == {"CONTINUE"}
    world.settled()
    assert [each["Name"] for each in world.images()] == [f"lifehook-web-{current}"]


def test_our_own_image_made_before_is_found_again(world, worker):
    ending = world.instances[0]
    made = world.make_image(ending, lifehook_service="web", lifehook_instance=ending)

    assert world.result(world.terminate(ending, "web-asg")) == "CONTINUE"

    world.settled()
    assert [each["ImageId"] for each in world.images()] == [made]
    assert ends(worker) == {"done": 1}


def test_somebody_else_s_image_of_that_name_ends_in_the_policy(world, worker):
    ending = world.instances[0]
    made = world.make_image(ending)

    assert world.result(world.terminate(ending, "web-asg")) == "CONTINUE"

    world.settled()
    assert [each["ImageId"] for each in world.images()] == [made]
    (said,) = worker.logs(event="step_ended", step="create_image", level="warn")
    assert made in said["error"]


@pytest.mark.parametrize("policy, result", [("continue", "CONTINUE"), ("abandon", "ABANDON")])
def test_an_image_that_fails_ends_in_the_policy(world, start_worker, policy, result):
    config = example(NAME, SOON, ("terminating: continue", f"terminating: {policy}"))
    worker = start_worker(world.endpoint, world.queue, config=config)
    world.next_image(seconds=0, state="failed")

    assert world.result(world.terminate(world.instances[0], "web-asg")) == result

    world.settled()
    assert worker.logs(event="image_failed", level="error")
    assert worker.metric("lifehook_images_total", group="web", outcome="failed") == 1


@pytest.fixture
def fleet(simulator):
    """web-asg with drain-hook, where Auto Scaling plays itself."""
    aws.make_table(simulator.aws.dynamodb)
    return Fleet(simulator)


def own_images(fleet):
    return fleet.aws.ec2.describe_images(Owners=["self"])["Images"]


def test_an_instance_that_has_gone_already_is_told_and_done_with(fleet, start_worker):
    ending = fleet.instances()[0]
    fleet.end(ending)
    eventually(lambda: fleet.waits(ending), 20, what="its hook")
    fleet.aws.ec2.terminate_instances(InstanceIds=[ending])

    worker = start_worker(fleet.aws.endpoint, fleet.queue, config=CONFIG)

    eventually(lambda: is_drained(fleet), 40, what="an empty queue")
    eventually(lambda: fleet.gone(ending), 20, what="the end of its hook")
    assert own_images(fleet) == []
    assert worker.logs(level="warn", event="instance_gone")
    assert ends(worker) == {"gone": 1}


def test_a_return_to_the_warm_pool_is_no_end(fleet, start_worker):
    fleet.aws.autoscaling.put_warm_pool(
        AutoScalingGroupName="web-asg",
        MinSize=0,
        MaxGroupPreparedCapacity=2,
        InstanceReusePolicy={"ReuseOnScaleIn": True},
    )
    before = set(fleet.instances())
    worker = start_worker(fleet.aws.endpoint, fleet.queue, config=CONFIG)

    fleet.aws.autoscaling.set_desired_capacity(AutoScalingGroupName="web-asg", DesiredCapacity=1)

    warm = lambda: fleet.aws.autoscaling.describe_warm_pool(AutoScalingGroupName="web-asg")["Instances"]
    (returned,) = eventually(warm, 30, what="an instance in the warm pool")
    eventually(lambda: is_drained(fleet), 30, what="an empty queue")
    assert returned["InstanceId"] in before
    eventually(lambda: warm()[0]["LifecycleState"].startswith("Warmed:"), 30, what="a warmed instance")
    assert own_images(fleet) == []
    assert ends(worker) == {"skipped": 1}
    assert worker.metric("lifehook_hooks_completed_total", group="web", result="continue") == 1
