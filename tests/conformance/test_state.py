"""Where the worker's state is kept, through the real binary: it outlives the worker, its outage fails nothing."""

import time
import urllib.error

import pytest

import aws
import processes
from aws import LAUNCHING, TERMINATING
from examples import example
from processes import eventually, lifehook
from simulator import make_queues

DYNAMODB = "  backend: dynamodb\n  table: ${STATE_TABLE:-lifehook}\n"


def in_file(path):
    """Changes to an example: its state is in a file."""
    return {DYNAMODB: f"  backend: sqlite\n  path: {path}\n"}


class Releases:
    """Groups of service web, each with both hooks, that tell one queue."""

    def __init__(self, simulator):
        self.simulator, self.aws = simulator, simulator.aws
        self.queue, self.dead_letters = make_queues(self.aws.sqs)

    def make(self, group, count):
        """Its first instances are there before its hooks."""
        groups, told = self.aws.autoscaling, aws.told_to(aws.queue_arn(self.aws.sqs, self.queue))
        aws.make_group(groups, group, count)
        for hook, transition in (("launch-hook", LAUNCHING), ("drain-hook", TERMINATING)):
            aws.put_hook(groups, group, hook, transition, 300, DefaultResult="ABANDON", **told)

    def members(self, group):
        described = self.aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        return {each["InstanceId"]: each["LifecycleState"] for each in described["AutoScalingGroups"][0]["Instances"]}

    def launch_one_more(self, group):
        before = self.members(group)
        self.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=len(before) + 1)
        new = lambda: {each: state for each, state in self.members(group).items() if each not in before}
        eventually(lambda: "InService" in new().values(), 60, what="the launch")

    def end_one(self, group):
        instance = next(iter(self.members(group)))
        self.aws.autoscaling.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=True
        )
        return instance

    def is_gone(self, group, instance):
        return self.members(group).get(instance) in (None, "Terminating:Proceed", "Terminated")

    def imaged(self):
        """Instances that have an image."""
        images = self.aws.ec2.describe_images(Owners=["self"])["Images"]
        return {each["Name"].removeprefix("lifehook-web-") for each in images}

    def until_settled(self):
        eventually(lambda: aws.queue_counts(self.aws.sqs, self.queue) == (0, 0), 30, what="an empty queue")


def test_a_file_remembers_the_current_group_after_kill_9(simulator, start_worker, tmp_path):
    releases = Releases(simulator)
    releases.make("web-old", 1)
    time.sleep(1.1)  # for the groups' times of creation to differ
    releases.make("web-new", 2)
    config = example("image-on-unexpected-scale-in", *in_file(tmp_path / "state.db").items(), ("{for: 5m}", "{for: 1s}"))
    first = start_worker(simulator.url, releases.queue, name="one", config=config)
    releases.launch_one_more("web-old")  # a rollback: the newest group is no longer the current one
    releases.until_settled()

    first.kill()
    second = start_worker(simulator.url, releases.queue, name="two", config=config)

    expected = releases.end_one("web-new")
    eventually(lambda: releases.is_gone("web-new", expected), 40, what="the end of what the rollback ends")
    releases.until_settled()
    assert releases.imaged() == set()
    unexpected = releases.end_one("web-old")
    eventually(lambda: releases.imaged() == {unexpected}, 40, what="an image of the current group's instance")
    assert second.metric("lifehook_steps_total", step="create_image", outcome="expected") == 1


def test_a_dry_run_changes_nothing_of_the_file_of_a_worker(simulator, start_worker, tmp_path):
    releases = Releases(simulator)
    volume = tmp_path / "volume"
    volume.mkdir()
    config = example("image-on-unexpected-scale-in", *in_file(volume / "state.db").items(), ("{for: 5m}", "{for: 1s}"))
    worker = start_worker(simulator.url, releases.queue, name="one", config=config)
    worker.terminate()
    assert worker.exit_code(20) == 0
    before = {each.name: each.read_bytes() for each in volume.iterdir()}
    assert list(before) == ["state.db"]

    start_worker(simulator.url, releases.queue, name="dry", config=config, more=["--dry-run"])

    assert {each.name: each.read_bytes() for each in volume.iterdir()} == before


def answer_of(worker, path):
    """(status, body)"""
    try:
        return 200, processes.get(f"http://127.0.0.1:{worker.port}/{path}")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_hook_is_held_while_there_is_no_table_and_goes_on_once_it_is_made(moto_world, start_worker):
    world = moto_world
    instance, token = world.instances[0], aws.new_token()
    aws.put_hook(world.aws.autoscaling, "web-asg", "launch-hook", LAUNCHING)
    processes.post(
        f"{world.endpoint}/_test/actions", dict(group="web-asg", hook="launch-hook", instance=instance, token=token)
    )
    config = example("image-on-unexpected-scale-in", ("{for: 5m}", "{for: 1s}"))
    worker = start_worker(world.endpoint, world.queue, config=config, wait=False)
    launch = {"LifecycleTransition": LAUNCHING, "Origin": "EC2", "Destination": "AutoScalingGroup"}
    aws.send_direct(world, aws.action_fields(instance, token, hook="launch-hook") | launch)

    failed = lambda: worker.logs(event="state_failed", level="error")
    eventually(lambda: failed() and world.calls(token, "RecordLifecycleActionHeartbeat"), 60, what="a held hook")
    status, said = answer_of(worker, "readyz")
    assert status == 503 and "state dynamodb" in said
    assert answer_of(worker, "healthz")[0] == 200
    assert world.action(token)["open"]
    assert aws.queue_counts(world.aws.sqs, world.queue) == (0, 1)
    assert any("lifehook" in line["error"] for line in failed())
    aws.make_table(world.aws.dynamodb)

    eventually(lambda: not world.action(token)["open"], 60, what="completion")
    (completion,) = world.calls(token, "CompleteLifecycleAction")
    assert completion["result"] == "CONTINUE"
    items = world.aws.dynamodb.scan(TableName="lifehook")["Items"]
    assert any("web-asg" in str(each) for each in items), "the group is not in the table"
    eventually(lambda: answer_of(worker, "readyz")[0] == 200, 40, what="readiness")
    eventually(lambda: aws.queue_counts(world.aws.sqs, world.queue) == (0, 0), 30, what="an empty queue")


@pytest.mark.parametrize("make", ["no folder", "no database"])
def test_a_file_that_cannot_be_opened_is_refused_and_named(tmp_path, make):
    path = tmp_path / "nowhere/state.db"
    if make == "no database":
        path = tmp_path / "state.db"
        path.write_text("this is a letter, and no database at all\n" * 100)
    config = tmp_path / "lifehook.yaml"
    text = example("image-on-unexpected-scale-in", *in_file(path).items())
    queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/life"
    config.write_text(text.format(queue=queue, port=0))

    ended = lifehook("run", "-c", config, env=processes.aws_environment("http://127.0.0.1:1"))

    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert str(path) in ended.stderr
