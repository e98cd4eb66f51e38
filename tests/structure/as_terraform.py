"""A resource of a CloudFormation template in the words of Terraform's provider for AWS."""

import functools
import re

from test_deploy import in_the_words_of_ecs

ADDRESSES = {
    "DeadLetters": "aws_sqs_queue.dead_letters",
    "Queue": "aws_sqs_queue.queue",
    "DeadLettersAlarm": "aws_cloudwatch_metric_alarm.dead_letters",
    "OldestMessageAlarm": "aws_cloudwatch_metric_alarm.oldest_message",
    "QueuePolicy": "aws_sqs_queue_policy.queue",
    "TopicSubscription": "aws_sns_topic_subscription.topic",
    "NotificationRole": "aws_iam_role.notification",
    "DrainHook": "aws_autoscaling_lifecycle_hook.drain",
    "LaunchHook": "aws_autoscaling_lifecycle_hook.launch",
    "Table": "aws_dynamodb_table.table",
    "Log": "aws_cloudwatch_log_group.log",
    "WorkerRole": "aws_iam_role.worker",
    "ExecutionRole": "aws_iam_role.execution",
    "Task": "aws_ecs_task_definition.task",
    "Service": "aws_ecs_service.service",
}

NAMES = {
    **dict.fromkeys(["QueueName", "LifecycleHookName", "TableName", "LogGroupName", "ServiceName"], "name"),
    "MessageRetentionPeriod": "message_retention_seconds",
    "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
    "VisibilityTimeout": "visibility_timeout_seconds",
    "AutoScalingGroupName": "autoscaling_group_name",
    "NotificationTargetARN": "notification_target_arn",
    "RoleARN": "role_arn",
    "TimeToLiveSpecification": "ttl",
    "PointInTimeRecoverySpecification": "point_in_time_recovery",
    "PointInTimeRecoveryEnabled": "enabled",
    "MinimumHealthyPercent": "deployment_minimum_healthy_percent",
    "MaximumPercent": "deployment_maximum_percent",
}
VARIABLES = {"AutoScalingGroupName": "auto_scaling_group_names"}
REFERRED = {  # Ref of what is neither a parameter of the module nor an ARN
    "AWS::Region": "${data.aws_region.current.id}",
    "AWS::AccountId": "${data.aws_caller_identity.current.account_id}",
    "AWS::Partition": "${data.aws_partition.current.partition}",
    "AWS::StackName": "${var.name}",
    "AutoScalingGroupName": "${each.value}",
    "QueueUrl": "${aws_sqs_queue.queue.url}",
    "Queue": "${aws_sqs_queue.queue.url}",
    "DeadLetters": "${aws_sqs_queue.dead_letters.url}",
    "Log": "${aws_cloudwatch_log_group.log.name}",
    "Task": "${aws_ecs_task_definition.task.arn}",
    "Table": "${one(aws_dynamodb_table.table[*].name)}",
    "WorkerRole": "${aws_iam_role.worker.name}",
}
CONDITIONS = {
    "HasTopic": {"count": "${var.topic_arn == null ? 0 : 1}"},
    "HasGroup": {"for_each": "${var.auto_scaling_group_names}"},
    "HasLaunchHook": {"for_each": "${var.launch_hook_name == null ? [] : var.auto_scaling_group_names}"},
}
PERHAPS = {"HasAlarmTopic": "alarm_topic_arn"}  # a list with this variable alone, or an empty one
EVERY_RULE = "${[for rule in aws_cloudwatch_event_rule.rule : rule.arn]}"


def in_snakes(name, between="_"):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", between, name).lower()


def variable_of(parameter):
    return VARIABLES.get(parameter, in_snakes(parameter))


def referred(name):
    return REFERRED.get(name) or f"${{var.{variable_of(name)}}}"


def attribute_of(name, attribute):
    if name == "Table":
        return f"${{one({ADDRESSES[name]}[*].{attribute.lower()})}}"
    if attribute == "QueueName":
        return f"${{{ADDRESSES[name]}.name}}"
    return f"${{{ADDRESSES[name]}.{attribute.lower()}}}" if name in ADDRESSES else EVERY_RULE


def spelled(value):
    """A value of a template in the words of Terraform."""
    if isinstance(value, list):
        each = [spelled(of) for of in value]
        return EVERY_RULE if each and all(of == EVERY_RULE for of in each) else each
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return referred(value["Ref"])
    if "Fn::GetAtt" in value:
        return attribute_of(*value["Fn::GetAtt"])
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: referred(found[1]), value["Fn::Sub"])
    if "Fn::If" in value:
        condition, given, _ = value["Fn::If"]
        variable = PERHAPS.get(condition)
        return f"${{var.{variable} == null ? [] : [var.{variable}]}}" if variable else spelled(given)
    return {key: spelled(of) for key, of in value.items()}


def block(properties):
    """Names in snakes, and an object is a block."""
    return {NAMES.get(key, in_snakes(key)): [block(of)] if isinstance(of, dict) else of for key, of in properties.items()}


def without(properties, *keys):
    return {key: of for key, of in properties.items() if key not in keys}


def of_table(properties):
    (key,) = properties["KeySchema"]
    defined = [{"name": each["AttributeName"], "type": each["AttributeType"]} for each in properties["AttributeDefinitions"]]
    assert key["KeyType"] == "HASH"
    apart = {"hash_key": key["AttributeName"], "attribute": defined, "count": "${var.create_table ? 1 : 0}"}
    return without(properties, "KeySchema", "AttributeDefinitions"), apart


def of_service(properties):
    network = {"NetworkConfiguration": properties["NetworkConfiguration"]["AwsvpcConfiguration"]}
    return without(properties, "DeploymentConfiguration") | properties["DeploymentConfiguration"] | network, {}


def of_task(properties):
    containers = in_the_words_of_ecs(spelled(properties["ContainerDefinitions"]))
    return without(properties, "ContainerDefinitions"), {"container_definitions": containers}


def of_queue(properties):
    apart = {"redrive_policy": spelled(properties["RedrivePolicy"])} if "RedrivePolicy" in properties else {}
    return without(properties, "RedrivePolicy"), apart


def of_alarm(properties):
    named = {each["Name"]: spelled(each["Value"]) for each in properties["Dimensions"]}
    return without(properties, "Dimensions"), {"dimensions": named}


def of_queue_policy(properties):
    (queue,) = properties["Queues"]
    policy = {"policy": "${data.aws_iam_policy_document.queue.json}"}
    return without(properties, "Queues", "PolicyDocument"), policy | {"queue_url": spelled(queue)}


def of_role(properties, name):
    """Policies written into it are resources of their own."""
    trust = {"assume_role_policy": f"${{data.aws_iam_policy_document.{name}_trust.json}}"}
    return without(properties, "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns"), trust


SHAPES = {
    "Table": of_table,
    "Service": of_service,
    "TaskDefinition": of_task,
    "Alarm": of_alarm,
    "Queue": of_queue,
    "QueuePolicy": of_queue_policy,
}
KEPT = {None: {}, "Retain": {"lifecycle": [{"prevent_destroy": True}]}, "RetainExceptOnCreate": {"skip_destroy": True}}


def attributes(name, resource):
    """What Terraform should say of a resource of a template; a property that has no place here is kept, and so differs."""
    shape = SHAPES.get(resource["Type"].split("::")[2], lambda properties: (properties, {}))
    if resource["Type"] == "AWS::IAM::Role":
        shape = functools.partial(of_role, name=ADDRESSES[name].split(".")[1])
    properties, apart = shape(resource["Properties"])
    return block(spelled(properties)) | apart | CONDITIONS.get(resource.get("Condition"), {}) | KEPT[resource.get("DeletionPolicy")]
