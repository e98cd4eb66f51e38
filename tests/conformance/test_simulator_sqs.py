"""boto3 against SQS of `lifehook simulate`: every operation it offers, its errors, and how it holds a receive open."""

import threading
import time

import pytest

import aws
from calls import uncalled


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    sqs = simulator.aws.sqs
    url = sqs.create_queue(QueueName="visited", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="visited")["QueueUrl"] == url
    assert url in sqs.list_queues()["QueueUrls"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "40"
    assert attributes["QueueArn"].endswith(":visited")

    assert sqs.send_message(QueueUrl=url, MessageBody="one")["MessageId"]  # boto3 checks the MD5 of it all
    entries = [{"Id": str(n), "MessageBody": f"body {n}"} for n in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 3
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert sorted(each["Body"] for each in received) == ["body 0", "body 1", "body 2", "one"]
    assert {each["Attributes"]["ApproximateReceiveCount"] for each in received} == {"1"}
    assert all(int(each["Attributes"]["SentTimestamp"]) > 1e12 for each in received)

    handles = [each["ReceiptHandle"] for each in received]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handles[0], VisibilityTimeout=0)
    (again,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], WaitTimeSeconds=2)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    changes = [{"Id": "a", "ReceiptHandle": handles[1], "VisibilityTimeout": 60}]
    assert sqs.change_message_visibility_batch(QueueUrl=url, Entries=changes)["Successful"] == [{"Id": "a"}]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    deletes = [{"Id": "good", "ReceiptHandle": handles[1]}, {"Id": "bad", "ReceiptHandle": "nonsense"}]
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=deletes)
    assert [each["Id"] for each in deleted["Successful"]] == ["good"]
    assert [(each["Id"], each["Code"]) for each in deleted["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]
    sqs.purge_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)

    assert uncalled(simulator, "sqs") == set()


def test_errors_are_botocores_exception_classes(simulator):
    sqs = simulator.aws.sqs
    url = sqs.create_queue(QueueName="errors")["QueueUrl"]

    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.receive_message(QueueUrl=url + "-not")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nowhere")
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="nonsense")
    with pytest.raises(sqs.exceptions.TooManyEntriesInBatchRequest):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)])
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "same", "MessageBody": "x"}] * 2)
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=url, Entries=[])


def test_a_long_poll_without_a_message_ends_empty_in_its_time(simulator):
    url = simulator.aws.sqs.create_queue(QueueName="slow")["QueueUrl"]

    began = time.monotonic()
    answer = simulator.aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)

    assert "Messages" not in answer
    assert 1.8 < time.monotonic() - began < 4


def test_a_long_poll_is_woken_by_a_message(simulator):
    url = simulator.aws.sqs.create_queue(QueueName="slow")["QueueUrl"]
    sender = threading.Timer(0.5, aws.client("sqs", simulator.url).send_message, kwargs=dict(QueueUrl=url, MessageBody="x"))
    sender.start()

    began = time.monotonic()
    answer = simulator.aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)

    assert answer["Messages"][0]["Body"] == "x"
    assert time.monotonic() - began < 5
