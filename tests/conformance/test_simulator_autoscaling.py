"""boto3 against Auto Scaling of `lifehook simulate`: every operation it offers, a hook from message to end, errors."""

import json

import aws
from calls import error_of, uncalled
from processes import REGION, eventually
from simulator import Fleet


def visit_groups(c, queue_arn):
    groups = c.autoscaling
    groups.create_auto_scaling_group(
        AutoScalingGroupName="visited",
        MinSize=0,
        MaxSize=5,
        DesiredCapacity=3,
        AvailabilityZones=[REGION + "a"],
        LaunchTemplate={"LaunchTemplateName": "web"},
        Tags=[{"Key": "Team", "Value": "web", "PropagateAtLaunch": True}],
    )
    groups.create_or_update_tags(
        Tags=[dict(ResourceId="visited", ResourceType="auto-scaling-group", Key="Tier", Value="1", PropagateAtLaunch=True)]
    )
    assert {tag["Key"] for tag in groups.describe_tags()["Tags"]} >= {"Team", "Tier"}
    groups.put_lifecycle_hook(
        AutoScalingGroupName="visited",
        LifecycleHookName="drain-hook",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=30,
        DefaultResult="CONTINUE",
        NotificationTargetARN=queue_arn,
        RoleARN="arn:aws:iam::111122223333:role/lifecycle",
    )
    (hook,) = groups.describe_lifecycle_hooks(AutoScalingGroupName="visited")["LifecycleHooks"]
    assert (hook["HeartbeatTimeout"], hook["GlobalTimeout"], hook["DefaultResult"]) == (30, 3000, "CONTINUE")
    groups.update_auto_scaling_group(AutoScalingGroupName="visited", MaxSize=6)
    (group,) = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["visited"])["AutoScalingGroups"]
    assert (group["MaxSize"], group["DesiredCapacity"], len(group["Instances"])) == (6, 3, 3)
    assert group["CreatedTime"].year > 2000
    target_group = c.elbv2.create_target_group(Name="visited", Protocol="HTTP", Port=80)["TargetGroups"][0]["TargetGroupArn"]
    attached = dict(AutoScalingGroupName="visited", TargetGroupARNs=[target_group])
    groups.attach_load_balancer_target_groups(**attached)
    (balancing,) = groups.describe_load_balancer_target_groups(AutoScalingGroupName="visited")["LoadBalancerTargetGroups"]
    assert balancing["LoadBalancerTargetGroupARN"] == target_group
    groups.detach_load_balancer_target_groups(**attached)


def visit_actions(c, queue):
    groups = c.autoscaling
    ids = [each["InstanceId"] for each in groups.describe_auto_scaling_instances()["AutoScalingInstances"]]
    assert len(ids) == 3
    ended = groups.terminate_instance_in_auto_scaling_group(InstanceId=ids[0], ShouldDecrementDesiredCapacity=True)
    assert ended["Activity"]["ActivityId"]

    def message():
        found = c.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(each["Body"]) for each in found]
        return next((body for body in bodies if body.get("EC2InstanceId") == ids[0]), None)

    body = eventually(message, 30, what="the hook's message")
    assert body["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    action = dict(
        AutoScalingGroupName="visited", LifecycleHookName="drain-hook", LifecycleActionToken=body["LifecycleActionToken"]
    )
    groups.record_lifecycle_action_heartbeat(**action)
    groups.complete_lifecycle_action(**action, LifecycleActionResult="CONTINUE")
    again = error_of(groups.complete_lifecycle_action, **action, LifecycleActionResult="CONTINUE")
    assert again["Code"] == "ValidationError"
    assert f"No active Lifecycle Action found with token {action['LifecycleActionToken']}" in again["Message"]
    assert groups.describe_scaling_activities(AutoScalingGroupName="visited")["Activities"][0]["StatusCode"]

    groups.set_instance_health(InstanceId=ids[1], HealthStatus="Healthy")
    groups.detach_instances(InstanceIds=[ids[2]], AutoScalingGroupName="visited", ShouldDecrementDesiredCapacity=True)
    groups.put_warm_pool(AutoScalingGroupName="visited", MinSize=0, PoolState="Stopped")
    assert groups.describe_warm_pool(AutoScalingGroupName="visited")["WarmPoolConfiguration"]["PoolState"] == "Stopped"
    groups.set_desired_capacity(AutoScalingGroupName="visited", DesiredCapacity=0)
    groups.delete_lifecycle_hook(AutoScalingGroupName="visited", LifecycleHookName="drain-hook")
    groups.delete_auto_scaling_group(AutoScalingGroupName="visited", ForceDelete=True)


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    c = simulator.aws
    queue = c.sqs.create_queue(QueueName="hooks")["QueueUrl"]

    visit_groups(c, aws.queue_arn(c.sqs, queue))
    visit_actions(c, queue)

    assert uncalled(simulator, "autoscaling") == set()


def test_errors_are_validation_errors_in_its_words(simulator):
    fleet = Fleet(simulator, count=1)
    groups = simulator.aws.autoscaling

    unknown = error_of(groups.set_desired_capacity, AutoScalingGroupName="no", DesiredCapacity=1)
    beyond = error_of(groups.set_desired_capacity, AutoScalingGroupName=fleet.group, DesiredCapacity=99)
    over = error_of(
        groups.record_lifecycle_action_heartbeat,
        AutoScalingGroupName=fleet.group,
        LifecycleHookName=fleet.hook,
        LifecycleActionToken=aws.new_token(),
    )

    assert {each["Code"] for each in (unknown, beyond, over)} == {"ValidationError"}
    assert "not found" in unknown["Message"]
    assert "above max value" in beyond["Message"]
    assert "No active Lifecycle Action found with token" in over["Message"]
