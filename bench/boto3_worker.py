"""The same job as a boto3 worker does it, for comparison: threads, each with ten messages at a time.

usage: boto3_worker.py QUEUE_URL CLUSTER [THREADS]
"""

import json
import sys
import threading

import boto3
import botocore.config


def drain(ecs, cluster, instance):
    """True once nothing runs on the instance."""
    arns = ecs.list_container_instances(cluster=cluster, filter=f"ec2InstanceId == {instance}")["containerInstanceArns"]
    if not arns:
        return True
    ecs.update_container_instances_state(cluster=cluster, containerInstances=arns, status="DRAINING")
    seen = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)["containerInstances"][0]
    return seen["runningTasksCount"] + seen["pendingTasksCount"] == 0


def complete(groups, event):
    groups.complete_lifecycle_action(
        AutoScalingGroupName=event["AutoScalingGroupName"],
        LifecycleHookName=event["LifecycleHookName"],
        LifecycleActionToken=event["LifecycleActionToken"],
        LifecycleActionResult="CONTINUE",
    )


class Worker:
    def __init__(self, queue, cluster, threads):
        self.queue, self.cluster, self.known_groups = queue, cluster, set()
        tuned = botocore.config.Config(max_pool_connections=threads, tcp_keepalive=True)
        clients = [boto3.client(service, config=tuned) for service in ("sqs", "autoscaling", "ecs")]
        self.sqs, self.groups, self.ecs = clients

    def handle(self, message):
        """True when the message is done with, to be deleted."""
        event = json.loads(message["Body"])
        if "LifecycleActionToken" not in event:  # the test notification
            return True
        if event["AutoScalingGroupName"] not in self.known_groups:
            self.groups.describe_lifecycle_hooks(AutoScalingGroupName=event["AutoScalingGroupName"])
            self.known_groups.add(event["AutoScalingGroupName"])
        if not drain(self.ecs, self.cluster, event["EC2InstanceId"]):
            return False
        complete(self.groups, event)
        return True

    def poll(self):
        messages = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=20, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        done = [message["ReceiptHandle"] for message in messages if self.handle(message)]
        if done:
            entries = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(done)]
            self.sqs.delete_message_batch(QueueUrl=self.queue, Entries=entries)

    def run(self):
        while True:
            self.poll()


def main(queue, cluster, threads="1"):
    worker = Worker(queue, cluster, int(threads))
    for _ in range(int(threads) - 1):
        threading.Thread(target=worker.run, daemon=True).start()
    worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
