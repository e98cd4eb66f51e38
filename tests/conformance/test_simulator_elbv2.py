"""boto3 against ELB of `lifehook simulate`: every operation it offers, and targets from registration to their end."""

import pytest

import aws
from calls import uncalled
from processes import eventually


def target_group(c, name="web", **more):
    return c.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, **more)["TargetGroups"][0]["TargetGroupArn"]


def health(c, arn, **asked):
    told = c.elbv2.describe_target_health(TargetGroupArn=arn, **asked)["TargetHealthDescriptions"]
    return {(each["Target"]["Id"], each["Target"]["Port"]): each["TargetHealth"] for each in told}


def test_every_operation_answers_and_targets_are_registered_healthy_drained_and_gone(quick):
    elb = quick.aws.elbv2
    arn = target_group(quick.aws, TargetType="ip")
    target = dict(Id="10.0.0.7", Port=8080)

    elb.register_targets(TargetGroupArn=arn, Targets=[target])
    elb.get_waiter("target_in_service").wait(TargetGroupArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    seconds = [{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]
    assert elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=seconds)["Attributes"] == seconds
    assert elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"] == seconds
    elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    draining = health(quick.aws, arn)[("10.0.0.7", 8080)]
    eventually(lambda: not health(quick.aws, arn), 30, what="the target's end")

    assert (draining["State"], draining["Reason"]) == ("draining", "Target.DeregistrationInProgress")
    unused = health(quick.aws, arn, Targets=[target])[("10.0.0.7", 8080)]
    assert (unused["State"], unused["Reason"]) == ("unused", "Target.NotRegistered")
    assert elb.describe_target_groups(Names=["web"])["TargetGroups"][0]["TargetType"] == "ip"
    elb.delete_target_group(TargetGroupArn=arn)
    with pytest.raises(elb.exceptions.TargetGroupNotFoundException):
        elb.describe_target_health(TargetGroupArn=arn)
    assert uncalled(quick, "elbv2") == set()


def test_an_instance_of_a_group_drains_before_its_hook_begins(quick):
    c = quick.aws
    arn = target_group(c)
    c.elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]
    )
    (name,) = aws.make_group(c.autoscaling, "web", 1, TargetGroupARNs=[arn])
    aws.put_hook(c.autoscaling, "web", "drain", heartbeat=600)
    assert set(health(c, arn)) == {(name, 80)}

    c.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=name, ShouldDecrementDesiredCapacity=True)

    def state():
        return c.autoscaling.describe_auto_scaling_instances(InstanceIds=[name])["AutoScalingInstances"][0]["LifecycleState"]

    assert state() == "Terminating"
    assert health(c, arn)[(name, 80)]["State"] == "draining"
    eventually(lambda: state() == "Terminating:Wait", 30, what="the hook")
    assert health(c, arn) == {}
    (reservation,) = c.ec2.describe_instances(InstanceIds=[name])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "running"
