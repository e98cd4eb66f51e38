"""The step notify through the real binary against moto's SNS, heard by a queue that has subscribed to the topic."""

import json

import pytest

import aws
from processes import eventually
from worker import CONFIG

DRAIN = "      - drain_ecs: {{cluster: prod, timeout: 5m}}\n"


class Audience:
    """A topic, and a queue that hears what is published to it."""

    def __init__(self, world, name="fleet-events", **filters):
        fifo = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
        ordered = {"FifoQueue": "true"} if fifo else {}
        self.sqs = world.aws.sqs
        self.topic = world.aws.sns.create_topic(Name=name, Attributes=fifo)["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="heard-" + name, Attributes=ordered)["QueueUrl"]
        attributes = {"FilterPolicy": json.dumps(filters)} if filters else {}
        world.aws.sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=aws.queue_arn(self.sqs, self.queue), Attributes=attributes
        )

    def heard(self):
        """Envelopes, in no order, each once."""
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return [json.loads(each["Body"]) for each in received.get("Messages", [])]

    def hears(self, count=1):
        found = []
        eventually(lambda: found.extend(self.heard()) or len(found) >= count, 40, what=f"{count} notifications")
        assert len(found) == count
        return found


def telling(topic, before="", after=""):
    """The worker's configuration with a notification around its drain."""
    assert DRAIN in CONFIG
    step = '      - notify: {{{{topic: "{}"{}}}}}\n'
    return CONFIG.replace(DRAIN, step.format(topic, before) + DRAIN + step.format(topic, after))


def end_one(world):
    """Its instance, and the token of its action."""
    instance = world.instances[0]
    token = world.open_action(instance)
    aws.send_direct(world, aws.action_fields(instance, token))
    return instance, token


def test_a_hook_is_told_of_before_and_after_its_drain(moto_world, start_worker):
    world, audience = moto_world, Audience(moto_world, event=["terminating"], group=["web"])
    worker = start_worker(world.endpoint, world.queue, config=telling(audience.topic, ', subject: "An instance ends"'))

    instance, token = end_one(world)

    eventually(lambda: not world.action(token)["open"], 40, what="completion")
    first, second = sorted(audience.hears(2), key=lambda each: "Subject" not in each)
    assert first["Subject"] == "An instance ends"
    assert "Subject" not in second
    assert first["MessageAttributes"] == {
        "event": {"Type": "String", "Value": "terminating"},
        "group": {"Type": "String", "Value": "web"},
    }
    told = json.loads(first["Message"])
    assert told == json.loads(second["Message"])
    assert {key: told[key] for key in ("event", "group", "scaling_group", "instance", "hook", "region")} == {
        "event": "terminating",
        "group": "web",
        "scaling_group": "web-asg",
        "instance": instance,
        "hook": "drain-hook",
        "region": "eu-west-1",
    }
    assert told["time"] < told["deadline"]
    assert token not in first["Message"]
    assert worker.metric("lifehook_steps_total", step="notify", outcome="done") == 2


def test_an_event_that_comes_twice_is_told_once(moto_world, start_worker):
    world, audience = moto_world, Audience(moto_world, "fleet-events.fifo")
    worker = start_worker(world.endpoint, world.queue, config=telling(audience.topic))
    instance, token = end_one(world)
    eventually(lambda: not world.action(token)["open"], 40, what="completion")

    aws.send_direct(world, aws.action_fields(instance, token))

    eventually(lambda: worker.settled() == 2, 40, what="removal of both")
    assert worker.metric("lifehook_aws_requests_total", service="sns") == 2
    received = audience.sqs.receive_message(QueueUrl=audience.queue, AttributeNames=["All"], MaxNumberOfMessages=10)
    assert {each["Attributes"]["MessageGroupId"] for each in received["Messages"]} == {instance}


@pytest.mark.parametrize("missing", ["topic", "region"])
def test_a_topic_that_does_not_take_it_costs_the_instance_nothing(moto_world, start_worker, missing):
    world = moto_world
    topic = f"arn:aws:sns:{'us-east-1' if missing == 'region' else 'eu-west-1'}:123456789012:nobody-made-it"
    worker = start_worker(world.endpoint, world.queue, config=telling(topic, ", timeout: 1s", ", timeout: 1s"))

    _, token = end_one(world)

    eventually(lambda: not world.action(token)["open"], 60, what="completion")
    (completion,) = world.calls(token, "CompleteLifecycleAction")
    assert completion["result"] == "CONTINUE"
    assert worker.metric("lifehook_steps_total", step="notify", outcome="failed") == 2
    eventually(lambda: worker.metric("lifehook_events_total", event="terminating", outcome="done") == 1, what="its end")
    said = worker.logs(event="not_notified", level="error")
    assert len(said) == 2
    assert all("sns:Publish" in each["advice"] and topic == each["topic"] for each in said)
