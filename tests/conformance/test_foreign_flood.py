"""Warnings of instances that are nobody's here: deleted, at the cost of a look-up for fifty of them, or of none."""

import json

import pytest

import aws
import events
from examples import example
from processes import eventually
from simulator import Fleet

COUNT = 1000
BATCH = 10
HANDFUL = 10  # the first few look-ups do not wait for company, and a slow machine may not fill all of the others


@pytest.fixture
def flooded(simulator):
    """A queue full of spot warnings, each of another instance that is in no group."""
    fleet = Fleet(simulator)
    aws.make_table(fleet.aws.dynamodb)
    warnings = [
        json.dumps(events.of_instance("eb-ec2-spot-interruption-warning", f"i-{number:017x}")) for number in range(COUNT)
    ]
    for first in range(0, COUNT, BATCH):
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(warnings[first : first + BATCH])]
        assert "Failed" not in fleet.aws.sqs.send_message_batch(QueueUrl=fleet.queue, Entries=entries)
    return fleet


def look_ups(simulator):
    return simulator.calls().get("autoscaling.DescribeAutoScalingInstances", 0)


def until_deleted(fleet):
    eventually(lambda: aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 0), 60, what="an empty queue")
    assert aws.queue_counts(fleet.aws.sqs, fleet.dead_letters) == (0, 0)


def changes_made(simulator):
    """Calls other than those that look, and those of the queue."""
    reading = ("Describe", "List", "Get", "Create", "Put", "Register")  # the test's own set-up, too
    return {
        name for name in simulator.calls() if not name.startswith("sqs.") and not name.split(".")[1].startswith(reading)
    }


def test_a_flood_costs_one_look_up_for_fifty(simulator, flooded, start_worker):
    worker = start_worker(simulator.url, flooded.queue, config=example("spot-behind-load-balancer"))

    until_deleted(flooded)

    assert look_ups(simulator) <= COUNT / 50 + HANDFUL
    assert worker.metric("lifehook_events_total", event="spot_interruption", outcome="foreign") == COUNT
    assert changes_made(simulator) == set()


def test_a_flood_of_what_no_group_lists_costs_no_look_up(simulator, flooded, start_worker):
    worker = start_worker(simulator.url, flooded.queue, config=example("ecs-drain-on-scale-in"))

    until_deleted(flooded)

    assert look_ups(simulator) == 0
    assert simulator.calls().get("ec2.DescribeInstances", 0) == 0
    assert worker.metric("lifehook_events_total", event="spot_interruption", outcome="foreign") == COUNT
    assert changes_made(simulator) == set()
