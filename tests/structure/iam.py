"""What IAM calls the operations of botocore, and what AWS asks for where that is not simply the action of its name."""

# As IAM calls a service, where botocore calls it something else.
PREFIXES = {"elbv2": "elasticloadbalancing"}

# By operation.
ACTIONS_OF = {
    "sqs:ChangeMessageVisibilityBatch": {"sqs:ChangeMessageVisibility"},  # a batch is permitted as its single calls are
    "sqs:DeleteMessageBatch": {"sqs:DeleteMessage"},
    "ec2:CreateImage": {"ec2:CreateImage", "ec2:CreateTags"},  # images and snapshots are tagged as they are made
    "ecs:RunTask": {"ecs:RunTask", "ecs:TagResource", "iam:PassRole"},  # with the tags and the roles of the first task
    "events:DescribeRule": set(),  # the same of these
    "events:ListRuleNamesByTarget": set(),
    "sns:GetTopicAttributes": set(),  # of whoever runs `check --aws`, who is told without it: a worker makes no such call
    "sts:GetCallerIdentity": set(),  # anybody may ask who they are
    "sts:AssumeRole": set(),  # of a profile's role_arn: allowed to its source_profile, which is not the worker's role
    "sts:AssumeRoleWithWebIdentity": set(),  # unsigned: the role's trust policy decides
}

# Asked for by AWS where the program makes no such call.
WITHOUT_A_CALL = {
    "kms:Decrypt",  # of whoever receives from a queue that is encrypted with a customer's key
    "kms:GenerateDataKey",  # of whoever sends to one, or to such a topic
}


def operation(service, name):
    return f"{PREFIXES.get(service, service)}:{name}"


def actions_of(operations):
    return set().union(*(ACTIONS_OF.get(each, {each}) for each in operations))


def actions_in(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}
