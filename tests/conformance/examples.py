"""The configurations of deploy/examples as tests run them, and what they are fed with."""

import json
import time

import aws
from processes import REGION, ROOT

SPOT_WARNING = "EC2 Spot Instance Interruption Warning"


def example(name, *changes):
    """Its text as a template for Worker, which puts in queue and status port; each change is a pair (old, new)."""
    text = (ROOT / f"deploy/examples/{name}.yaml").read_text()
    for old, new in changes:
        assert old in text, f"{name} has no {old!r} any more"
        text = text.replace(old, new)
    text = text.replace("{", "{{").replace("}", "}}").replace("${{QUEUE_URL}}", "{queue}")
    return text + 'status: {{listen: "127.0.0.1:{port}"}}\n'


def seconds_ago(count):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - count))


def warning_entry(instance):
    arn = f"arn:aws:ec2:{REGION}:123456789012:instance/{instance}"
    detail = {"instance-id": instance, "instance-action": "terminate"}
    return {"Source": "aws.ec2", "DetailType": SPOT_WARNING, "Resources": [arn], "Detail": json.dumps(detail)}


def warn_of_spot(world, *instances):
    """Through EventBridge, all at the same moment."""
    world.aws.events.put_rule(
        Name="spot", EventPattern=json.dumps({"source": ["aws.ec2"], "detail-type": [SPOT_WARNING]})
    )
    world.aws.events.put_targets(Rule="spot", Targets=[{"Id": "1", "Arn": aws.queue_arn(world.aws.sqs, world.queue)}])
    entries = [warning_entry(each) for each in instances]
    assert world.aws.events.put_events(Entries=entries)["FailedEntryCount"] == 0


def warning_body(instance, age=0):
    """The event as EventBridge puts it into a queue, for a server that has no EventBridge."""
    event = json.loads((aws.SAMPLES / "eb-ec2-spot-interruption-warning.json").read_text())
    text = json.dumps(event | {"time": seconds_ago(age)})
    return text.replace("i-0a1b2c3d4e5f60718", instance)


def group_of(world, name="web-asg"):
    return world.aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def members(world, name="web-asg"):
    return {each["InstanceId"] for each in group_of(world, name)["Instances"]}


def is_drained(world):
    return aws.queue_counts(world.aws.sqs, world.queue) == (0, 0)
