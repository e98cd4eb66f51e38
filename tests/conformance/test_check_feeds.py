"""`lifehook check --aws`: what brings events to the queues, held against lists and hooks."""

import json

import pytest

from checking import asked, lines
from simulator import Fleet


@pytest.fixture
def fleet(simulator):
    return Fleet(simulator, heartbeat=300)


def feed(world, name, detail_types, state="ENABLED"):
    """A rule of EventBridge whose target is the queue, which lets it send."""
    pattern = {"source": ["aws.ec2"], "detail-type": detail_types}
    world.aws.events.put_rule(Name=name, EventPattern=json.dumps(pattern), State=state)
    world.aws.events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": world.queue_arn}])
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": world.queue_arn}]}
    world.aws.sqs.set_queue_attributes(QueueUrl=world.queue, Attributes={"Policy": json.dumps(policy)})


def test_rules_of_event_bridge_are_held_against_the_lists(moto_world, tmp_path):
    feed(moto_world, "spot", ["EC2 Spot Instance Interruption Warning"])
    feed(moto_world, "advice", ["EC2 Instance Rebalance Recommendation"], state="DISABLED")
    lists = "".join(f"    {each}: [wait: {{for: 1s}}]\n" for each in ("spot_interruption", "rebalance_recommendation"))

    ran = asked(tmp_path, moto_world.endpoint, moto_world.queue, ("    terminating:\n", f"{lists}    terminating:\n"))

    assert "queue life: EventBridge rule spot may bring spot_interruption" in lines(ran, "fine")
    warned = lines(ran, "warning")
    assert "queue life: EventBridge rule advice is disabled: it brings nothing" in warned
    (missing,) = (line for line in warned if "no EventBridge rule" in line)
    assert missing.startswith('group web: rebalance_recommendation: no EventBridge rule brings "EC2 Instance Rebalance')


def test_rules_nobody_may_look_at_are_no_reason_against_a_worker(simulator, fleet, tmp_path):
    simulator.faults({"action": "ListRuleNamesByTarget", "kind": "access_denied"})

    ran = asked(tmp_path, simulator.url, fleet.queue, ("    terminating:\n", "    spot_interruption: [wait: {for: 1s}]\n    terminating:\n"))

    assert (ran.returncode, lines(ran, "wrong")) == (0, [])
    (unseen,) = (line for line in lines(ran, "warning") if "EventBridge" in line)
    assert "events:ListRuleNamesByTarget" in unseen


def test_what_could_not_be_seen_is_not_said_to_be_missing(simulator, fleet, tmp_path):
    simulator.faults({"action": "GetQueueAttributes", "kind": "access_denied"})
    lists = ("    terminating:\n", "    spot_interruption: [wait: {for: 1s}]\n    launching: [wait: {for: 1s}]\n    terminating:\n")

    ran = asked(tmp_path, simulator.url, fleet.queue, lists)
    assert not [line for line in lines(ran, "warning") if "EventBridge" in line]

    simulator.faults({"action": "DescribeLifecycleHooks", "kind": "access_denied"})
    ran = asked(tmp_path, simulator.url, fleet.queue, lists)
    assert not [line for line in lines(ran, "warning") if "no hook of this kind" in line]
