"""Events as EventBridge carries them to a queue: the samples, made to speak of now and of what a test has."""

import email.utils
import json
import time

import aws


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def sample(name):
    """A new event: its id and its time are its own."""
    return json.loads((aws.SAMPLES / f"{name}.json").read_text()) | {"id": aws.new_token(), "time": now()}


def of_instance(name, instance, **detail):
    event = sample(name)
    event["resources"] = [f"arn:aws:ec2:eu-west-1:111122223333:instance/{instance}"]
    event["detail"] |= {"instance-id": instance} | detail
    return event


def of_task(name, task, **detail):
    """Of a task as DescribeTasks shows it."""
    event = sample(name)
    event["resources"] = [task["taskArn"]]
    told = ("taskArn", "clusterArn", "group", "startedBy", "taskDefinitionArn", "launchType", "capacityProviderName")
    event["detail"] |= {key: task[key] for key in told if key in task} | detail
    event["detail"]["attachments"] = [each | {"type": "eni"} for each in task["attachments"]]  # their word for it here
    return event


def scheduled_change(entities, starts_in, **detail):
    """AWS Health's, of instances told by id or by ARN, `starts_in` seconds from now."""
    event = sample("eb-health-instance-retirement")
    affected = [{"entityValue": each, "status": "PENDING"} for each in entities]
    starts = email.utils.formatdate(time.time() + starts_in, usegmt=True)
    event["detail"] |= {"affectedEntities": affected, "startTime": starts} | detail
    return event


def send(sqs, queue, event):
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
