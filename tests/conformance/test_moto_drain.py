"""The real binary against moto: a terminate message, in each shape it can come in, is a drained instance in the end."""

import json
import time

import pytest

import aws
from processes import eventually
from worker import CONFIG

SHAPES = {
    "direct": aws.send_direct,
    "sns": aws.send_through_sns,
    "eventbridge": aws.send_through_eventbridge,
    "eventbridge_sns": aws.send_through_eventbridge_and_sns,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_instance_is_drained_before_its_hook_is_completed(moto_world, start_worker, shape):
    world = moto_world
    ending, staying = world.instances
    tasks = world.start_tasks(ending, 2)
    world.start_tasks(staying, 1)
    token = world.open_action(ending)
    worker = start_worker(world.endpoint, world.queue)

    SHAPES[shape](world, aws.action_fields(ending, token))

    eventually(lambda: world.status(ending) == "DRAINING", 40, what="DRAINING")
    eventually(lambda: world.calls(token, "RecordLifecycleActionHeartbeat"), 45, what="a heartbeat")
    assert world.calls(token, "RecordLifecycleActionHeartbeat")[0]["accepted"]
    world.stop_task(tasks[0])
    worker.until_looked(2)
    assert world.action(token)["open"], "completed while a task ran"
    assert aws.queue_counts(world.aws.sqs, world.queue) == (0, 1)

    world.stop_task(tasks[1])

    eventually(lambda: not world.action(token)["open"], 40, what="completion")
    eventually(lambda: aws.queue_counts(world.aws.sqs, world.queue) == (0, 0), 30, what="an empty queue")
    (completion,) = world.calls(token, "CompleteLifecycleAction")
    assert (completion["token"], completion["result"], completion["accepted"]) == (token, "CONTINUE", True)
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)
    assert world.status(staying) == "ACTIVE"
    assert worker.metric("lifehook_hooks_completed_total", group="web", transition="terminating") == 1


def test_a_malformed_message_ends_in_the_dead_letter_queue(moto, start_worker):
    world = aws.MotoWorld(moto, max_receive_count=2)
    worker = start_worker(world.endpoint, world.queue)

    world.aws.sqs.send_message(QueueUrl=world.queue, MessageBody="hello")

    eventually(lambda: aws.queue_counts(world.aws.sqs, world.dead_letters) == (1, 0), 60, 0.5, "a dead letter")
    assert aws.queue_counts(world.aws.sqs, world.queue) == (0, 0)
    (dead,) = world.aws.sqs.receive_message(QueueUrl=world.dead_letters)["Messages"]
    assert dead["Body"] == "hello"
    assert worker.settled("leave") == 2


def test_foreign_messages_are_deleted_and_nothing_else_is_done(moto_world, start_worker):
    world = moto_world
    instance = world.instances[0]
    token = world.open_action(instance)
    worker = start_worker(world.endpoint, world.queue, config="keep_foreign: 0s\n" + CONFIG)
    foreign = [
        aws.direct_body(aws.action_fields(instance, token, group="another-asg")),
        aws.direct_body(aws.action_fields(instance, token, hook="ecs-managed-draining-termination-hook")),
        json.dumps({"Event": "autoscaling:TEST_NOTIFICATION", "AutoScalingGroupName": "web-asg", "AccountId": "1"}),
    ]

    for body in foreign:
        world.aws.sqs.send_message(QueueUrl=world.queue, MessageBody=body)

    eventually(lambda: worker.settled() == 3, 40, what="removal")
    eventually(lambda: aws.queue_counts(world.aws.sqs, world.queue) == (0, 0), 30, what="an empty queue")
    assert world.action(token)["calls"] == []
    assert world.status(instance) == "ACTIVE"
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)


def test_work_ended_by_somebody_else_is_over_for_the_worker(moto_world, start_worker):
    world = moto_world
    instance = world.instances[0]
    never_opened = aws.new_token()
    worker = start_worker(world.endpoint, world.queue)
    old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
    fields = aws.action_fields(instance, never_opened) | {"Time": old}

    world.aws.sqs.send_message(QueueUrl=world.queue, MessageBody=json.dumps(fields))

    eventually(lambda: aws.queue_counts(world.aws.sqs, world.queue) == (0, 0), 40, what="an empty queue")
    assert world.status(instance) == "ACTIVE", "an action that is over must not have its instance drained"
    assert worker.metric("lifehook_hooks_completed_total", group="web", result="over") == 1
