"""boto3 against `lifehook simulate`: DynamoDB, Systems Manager and tasks on Fargate, each answer one botocore can parse."""

import datetime
import re

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

import aws
import boto3
from processes import REGION, ROOT, eventually
from simulator import Simulator

NODE_LIMIT = 60


@pytest.fixture
def simulator():
    """Ten times as fast, for what AWS takes its time for."""
    with Simulator("--speed", "10") as running:
        yield running


def offered(service):
    text = (ROOT / f"simulator/{service}.h").read_text()
    listing = re.search(r"Actions:(.*?)\nclass", text.replace("\n//", ""), re.DOTALL)[1]
    return {f"{service}.{action}" for action in re.findall(r"\b(?:[A-Z][a-z]+){1,}\b", listing)}


def make_table(dynamodb, name="marks"):
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    eventually(lambda: dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE", what="the table")


def resource(simulator):
    return boto3.resource(
        "dynamodb",
        region_name=REGION,
        endpoint_url=simulator.url,
        aws_access_key_id="AKIDTEST",
        aws_secret_access_key="secret",
    )


def test_every_operation_of_dynamodb_answers_in_a_shape_botocore_parses(simulator):
    dynamodb = simulator.aws.dynamodb
    make_table(dynamodb)

    assert dynamodb.list_tables()["TableNames"] == ["marks"]
    ttl = {"Enabled": True, "AttributeName": "expires"}
    assert dynamodb.update_time_to_live(TableName="marks", TimeToLiveSpecification=ttl)["TimeToLiveSpecification"] == ttl
    described = dynamodb.describe_time_to_live(TableName="marks")["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}

    item = {"key": {"S": "a"}, "count": {"N": "1"}, "raw": {"B": b"\x00\xff"}, "tags": {"SS": ["x", "y"]}}
    dynamodb.put_item(TableName="marks", Item=item)  # botocore checks the CRC32 of each answer
    got = dynamodb.get_item(TableName="marks", Key={"key": {"S": "a"}}, ConsistentRead=True)
    assert got["Item"] == item
    updated = dynamodb.update_item(
        TableName="marks",
        Key={"key": {"S": "a"}},
        UpdateExpression="SET #c = #c + :one REMOVE tags",
        ExpressionAttributeNames={"#c": "count"},
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    assert updated["Attributes"]["count"] == {"N": "2"}
    assert dynamodb.query(
        TableName="marks",
        KeyConditionExpression="#k = :a",
        ExpressionAttributeNames={"#k": "key"},
        ExpressionAttributeValues={":a": {"S": "a"}},
    )["Count"] == 1
    assert dynamodb.scan(TableName="marks")["Count"] == 1
    deleted = dynamodb.delete_item(TableName="marks", Key={"key": {"S": "a"}}, ReturnValues="ALL_OLD")
    assert deleted["Attributes"]["raw"] == {"B": b"\x00\xff"}
    assert dynamodb.delete_table(TableName="marks")["TableDescription"]["TableStatus"] == "DELETING"

    assert len(offered("dynamodb")) == 12
    assert offered("dynamodb") - set(simulator.calls()) == set()


def test_a_lost_race_shows_what_stands_there(simulator):
    dynamodb = simulator.aws.dynamodb
    make_table(dynamodb)
    lock = {"TableName": "marks", "ConditionExpression": "attribute_not_exists(#k) OR #e < :now",
            "ExpressionAttributeNames": {"#k": "key", "#e": "expires"}, "ExpressionAttributeValues": {":now": {"N": "100"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "one"}, "expires": {"N": "200"}}, **lock)

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as lost:
        dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "other"}, "expires": {"N": "300"}}, **lock)

    assert lost.value.response["Error"]["Message"] == "The conditional request failed"
    assert lost.value.response["Item"]["owner"] == {"S": "one"}
    lock["ExpressionAttributeValues"] = {":now": {"N": "201"}}
    dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "other"}, "expires": {"N": "300"}}, **lock)


def test_errors_of_dynamodb_are_botocores_exception_classes(simulator):
    dynamodb = simulator.aws.dynamodb
    make_table(dynamodb)

    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException, match="Requested resource not found"):
        dynamodb.get_item(TableName="nowhere", Key={"key": {"S": "a"}})
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        make_table(dynamodb)
    with pytest.raises(ClientError, match="reserved keyword: key") as refused:
        dynamodb.put_item(TableName="marks", Item={"key": {"S": "a"}}, ConditionExpression="attribute_not_exists(key)")
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_what_boto3_writes_of_conditions_is_understood(simulator):
    make_table(simulator.aws.dynamodb)
    table = resource(simulator).Table("marks")
    for number in range(5):
        table.put_item(Item={"key": f"k{number}", "count": number, "name": "x" * number})
    simulated = (Attr("count").between(1, 3) & ~Attr("name").begins_with("xxx")) | Attr("count").is_in([4])

    found = table.scan(FilterExpression=simulated, ProjectionExpression="#k", ExpressionAttributeNames={"#k": "key"})

    assert sorted(each["key"] for each in found["Items"]) == ["k1", "k2", "k4"]
    assert table.query(KeyConditionExpression=Key("key").eq("k3"))["Items"][0]["count"] == 3


def launched(simulator):
    """An instance of a group, once its agent has registered."""
    simulator.aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=0,
        MaxSize=1,
        DesiredCapacity=1,
        AvailabilityZones=[REGION + "a"],
        LaunchTemplate={"LaunchTemplateName": "web"},
    )
    ssm = simulator.aws.ssm
    nodes = eventually(lambda: ssm.describe_instance_information()["InstanceInformationList"], NODE_LIMIT, what="a node")
    assert nodes[0]["PingStatus"] == "Online"
    return nodes[0]["InstanceId"]


def test_every_operation_of_systems_manager_answers_in_a_shape_botocore_parses(simulator):
    instance = launched(simulator)
    ssm = simulator.aws.ssm

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

    assert len(offered("ssm")) == 6
    assert offered("ssm") - set(simulator.calls()) == set()


def test_errors_of_systems_manager_are_botocores_exception_classes(simulator):
    ssm = simulator.aws.ssm
    order = dict(InstanceIds=["i-0123456789abcdef0"], Parameters={"commands": ["true"]})

    with pytest.raises(ssm.exceptions.InvalidInstanceId, match="not in a valid state for account"):
        ssm.send_command(DocumentName="AWS-RunShellScript", **order)
    with pytest.raises(ssm.exceptions.InvalidDocument, match="nothing"):
        ssm.send_command(DocumentName="nothing", **order)
    with pytest.raises(ssm.exceptions.InvocationDoesNotExist):
        ssm.get_command_invocation(CommandId=aws.new_token(), InstanceId="i-0123456789abcdef0")


REPORT = {
    "family": "report",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [
        {"name": "main", "image": "main:1", "essential": True},
        {"name": "log", "image": "log:1", "essential": False},
    ],
}
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


def test_a_task_on_fargate_answers_in_a_shape_botocore_parses(simulator):
    ecs = simulator.aws.ecs
    ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    ecs.register_task_definition(**REPORT)
    described = ecs.describe_task_definition(taskDefinition="report")["taskDefinition"]
    assert [each["essential"] for each in described["containerDefinitions"]] == [True, False]
    order = dict(
        cluster="prod",
        taskDefinition="report",
        capacityProviderStrategy=SPOT,
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}},
        clientToken="once",
        startedBy="visit",
        tags=[{"key": "k", "value": "v"}],
        enableExecuteCommand=True,
    )

    arn = ecs.run_task(**order)["tasks"][0]["taskArn"]
    assert ecs.run_task(**order)["tasks"][0]["taskArn"] == arn
    with pytest.raises(ecs.exceptions.ConflictException) as conflict:
        ecs.run_task(**order | {"startedBy": "other"})
    assert conflict.value.response["resourceIds"] == [arn]

    def task():
        return ecs.describe_tasks(cluster="prod", tasks=[arn], include=["TAGS"])["tasks"][0]

    eventually(lambda: task()["lastStatus"] == "RUNNING", what="the task")
    running = task()
    assert (running["launchType"], running["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")
    assert running["tags"] == [{"key": "k", "value": "v"}]
    details = {each["name"]: each["value"] for each in running["attachments"][0]["details"]}
    assert details["subnetId"] == "subnet-1"
    assert details["networkInterfaceId"].startswith("eni-0")
    ecs.stop_task(cluster="prod", task=arn, reason="enough")
    eventually(lambda: task()["lastStatus"] == "STOPPED", what="its end")
    assert [each["exitCode"] for each in task()["containers"]] == [143, 143]
    assert (task()["stopCode"], task()["stoppedReason"]) == ("UserInitiated", "enough")
