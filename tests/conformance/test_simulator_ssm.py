"""boto3 against Systems Manager of `lifehook simulate`: every operation it offers, and its errors."""

import datetime

import pytest

import aws
from calls import uncalled
from processes import REGION, eventually


def launched(quick):
    """An instance of a group, once its agent has registered."""
    ssm = quick.aws.ssm
    aws.make_group(quick.aws.autoscaling, "web", 1)
    nodes = eventually(lambda: ssm.describe_instance_information()["InstanceInformationList"], what="a node")
    assert nodes[0]["PingStatus"] == "Online"
    return nodes[0]["InstanceId"]


def test_every_operation_answers_in_a_shape_botocore_parses(quick):
    instance = launched(quick)
    ssm = quick.aws.ssm

    sent = ssm.send_command(
        DocumentName="AWS-RunShellScript",
        InstanceIds=[instance],
        Parameters={"commands": ["true"]},
        Comment="visit",
        OutputS3BucketName="logs",
        OutputS3KeyPrefix="visit",
    )["Command"]
    assert sent["Status"] == "Pending"
    assert sent["ExpiresAfter"] - sent["RequestedDateTime"] == datetime.timedelta(hours=2)
    id = sent["CommandId"]

    def ended():
        try:
            told = ssm.get_command_invocation(CommandId=id, InstanceId=instance)
        except ssm.exceptions.InvocationDoesNotExist:
            return None
        return told if told["Status"] == "Success" else None

    told = eventually(ended, what="the command's end")
    assert told["ResponseCode"] == 0
    assert told["StandardOutputUrl"] == (
        f"https://s3.{REGION}.amazonaws.com/logs/visit/{id}/{instance}/awsrunShellScript/0.awsrunShellScript/stdout"
    )
    assert [each["Comment"] for each in ssm.list_commands(InstanceId=instance)["Commands"]] == ["visit"]
    (listed,) = ssm.list_command_invocations(CommandId=id, Details=True)["CommandInvocations"]
    assert listed["CommandPlugins"][0]["ResponseFinishDateTime"] > listed["CommandPlugins"][0]["ResponseStartDateTime"]
    ssm.cancel_command(CommandId=id)

    assert uncalled(quick, "ssm") == set()


def test_errors_are_botocores_exception_classes(quick):
    ssm = quick.aws.ssm
    order = dict(InstanceIds=["i-0123456789abcdef0"], Parameters={"commands": ["true"]})

    with pytest.raises(ssm.exceptions.InvalidInstanceId, match="not in a valid state for account"):
        ssm.send_command(DocumentName="AWS-RunShellScript", **order)
    with pytest.raises(ssm.exceptions.InvalidDocument, match="nothing"):
        ssm.send_command(DocumentName="nothing", **order)
    with pytest.raises(ssm.exceptions.InvocationDoesNotExist):
        ssm.get_command_invocation(CommandId=aws.new_token(), InstanceId="i-0123456789abcdef0")
