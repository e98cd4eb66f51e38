"""The same job as a boto3 script would do it, for comparison: one thread, ten messages at a time, the calls lifehook makes.

usage: boto3_worker.py QUEUE_URL CLUSTER
"""

import json
import sys

import boto3


def drain(ecs, cluster, instance):
    """True once nothing runs on the instance and nothing is still stopping."""
    arns = ecs.list_container_instances(cluster=cluster, filter=f"ec2InstanceId == {instance}")["containerInstanceArns"]
    if not arns:
        return True
    described = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)["containerInstances"][0]
    if described["status"] != "DRAINING":
        ecs.update_container_instances_state(cluster=cluster, containerInstances=arns, status="DRAINING")
    stopped = ecs.list_tasks(cluster=cluster, containerInstance=arns[0], desiredStatus="STOPPED")["taskArns"]
    return not stopped and described["runningTasksCount"] + described["pendingTasksCount"] == 0


def complete(groups, event):
    groups.complete_lifecycle_action(
        AutoScalingGroupName=event["AutoScalingGroupName"],
        LifecycleHookName=event["LifecycleHookName"],
        LifecycleActionToken=event["LifecycleActionToken"],
        LifecycleActionResult="CONTINUE",
    )


def main(queue, cluster):
    sqs, groups, ecs = boto3.client("sqs"), boto3.client("autoscaling"), boto3.client("ecs")
    known_hooks = set()
    while True:
        messages = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        done = []
        for message in messages:
            event = json.loads(message["Body"])
            if "LifecycleActionToken" not in event:  # the test notification
                done.append(message)
                continue
            if event["AutoScalingGroupName"] not in known_hooks:
                groups.describe_lifecycle_hooks(AutoScalingGroupName=event["AutoScalingGroupName"])
                known_hooks.add(event["AutoScalingGroupName"])
            if drain(ecs, cluster, event["EC2InstanceId"]):
                complete(groups, event)
                done.append(message)
        if done:
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(done)]
            sqs.delete_message_batch(QueueUrl=queue, Entries=entries)


if __name__ == "__main__":
    main(*sys.argv[1:])
