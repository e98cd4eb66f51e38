"""boto3 against DynamoDB of `lifehook simulate`: every operation it offers, conditions, errors."""

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key

import aws
from calls import error_of, uncalled
from processes import REGION


def resource(quick):
    return boto3.resource(
        "dynamodb",
        region_name=REGION,
        endpoint_url=quick.url,
        aws_access_key_id="AKIDTEST",
        aws_secret_access_key="secret",
    )


def test_every_operation_answers_in_a_shape_botocore_parses(quick):
    dynamodb = quick.aws.dynamodb
    aws.make_table(dynamodb)

    assert dynamodb.list_tables()["TableNames"] == ["lifehook"]
    ttl = {"Enabled": True, "AttributeName": "expires"}
    assert dynamodb.update_time_to_live(TableName="lifehook", TimeToLiveSpecification=ttl)["TimeToLiveSpecification"] == ttl
    described = dynamodb.describe_time_to_live(TableName="lifehook")["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}

    item = {"key": {"S": "a"}, "count": {"N": "1"}, "raw": {"B": b"\x00\xff"}, "tags": {"SS": ["x", "y"]}}
    dynamodb.put_item(TableName="lifehook", Item=item)  # botocore checks the CRC32 of each answer
    got = dynamodb.get_item(TableName="lifehook", Key={"key": {"S": "a"}}, ConsistentRead=True)
    assert got["Item"] == item
    updated = dynamodb.update_item(
        TableName="lifehook",
        Key={"key": {"S": "a"}},
        UpdateExpression="SET #c = #c + :one REMOVE tags",
        ExpressionAttributeNames={"#c": "count"},
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    assert updated["Attributes"]["count"] == {"N": "2"}
    assert dynamodb.query(
        TableName="lifehook",
        KeyConditionExpression="#k = :a",
        ExpressionAttributeNames={"#k": "key"},
        ExpressionAttributeValues={":a": {"S": "a"}},
    )["Count"] == 1
    assert dynamodb.scan(TableName="lifehook")["Count"] == 1
    deleted = dynamodb.delete_item(TableName="lifehook", Key={"key": {"S": "a"}}, ReturnValues="ALL_OLD")
    assert deleted["Attributes"]["raw"] == {"B": b"\x00\xff"}
    assert dynamodb.delete_table(TableName="lifehook")["TableDescription"]["TableStatus"] == "DELETING"

    assert uncalled(quick, "dynamodb") == set()


def test_a_lost_race_shows_what_stands_there(quick):
    dynamodb = quick.aws.dynamodb
    aws.make_table(dynamodb)
    lock = {"TableName": "lifehook", "ConditionExpression": "attribute_not_exists(#k) OR #e < :now",
            "ExpressionAttributeNames": {"#k": "key", "#e": "expires"}, "ExpressionAttributeValues": {":now": {"N": "100"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "one"}, "expires": {"N": "200"}}, **lock)

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as lost:
        dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "other"}, "expires": {"N": "300"}}, **lock)

    assert lost.value.response["Error"]["Message"] == "The conditional request failed"
    assert lost.value.response["Item"]["owner"] == {"S": "one"}
    lock["ExpressionAttributeValues"] = {":now": {"N": "201"}}
    dynamodb.put_item(Item={"key": {"S": "lock"}, "owner": {"S": "other"}, "expires": {"N": "300"}}, **lock)


def test_errors_are_botocores_exception_classes(quick):
    dynamodb = quick.aws.dynamodb
    aws.make_table(dynamodb)

    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException, match="Requested resource not found"):
        dynamodb.get_item(TableName="nowhere", Key={"key": {"S": "a"}})
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        aws.make_table(dynamodb)
    asked = dict(TableName="lifehook", Item={"key": {"S": "a"}}, ConditionExpression="attribute_not_exists(key)")
    reserved = error_of(dynamodb.put_item, **asked)
    assert reserved["Code"] == "ValidationException"
    assert "reserved keyword: key" in reserved["Message"]


def test_what_boto3_writes_of_conditions_is_understood(quick):
    aws.make_table(quick.aws.dynamodb)
    table = resource(quick).Table("lifehook")
    for number in range(5):
        table.put_item(Item={"key": f"k{number}", "count": number, "name": "x" * number})
    simulated = (Attr("count").between(1, 3) & ~Attr("name").begins_with("xxx")) | Attr("count").is_in([4])

    found = table.scan(FilterExpression=simulated, ProjectionExpression="#k", ExpressionAttributeNames={"#k": "key"})

    assert sorted(each["key"] for each in found["Items"]) == ["k1", "k2", "k4"]
    assert table.query(KeyConditionExpression=Key("key").eq("k3"))["Items"][0]["count"] == 3
