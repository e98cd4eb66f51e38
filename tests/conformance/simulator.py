"""`lifehook simulate`, and the world the tests need in it, set up over the wire as any AWS user would."""

import json
import re

import aws
import processes
from aws import TERMINATING


class Simulator(processes.Process):
    def __init__(self, *arguments):
        super().__init__([processes.BINARY, "simulate", "--port", "0", *arguments])
        self.url = re.search(r"listening on (http://\S+)", self.first_line())[1]
        self.aws = aws.Clients(self.url)

    def control(self, name, **body):
        """What AWS does by itself and no call can cause: see simulator/controls.h."""
        return json.loads(processes.post(f"{self.url}/_simulator/{name}", body))

    def faults(self, *rules):
        self.control("faults", rules=list(rules))

    def calls(self):
        """Calls answered so far, by "service.Action"."""
        return json.loads(processes.get(f"{self.url}/_simulator/calls"))


def make_queues(sqs, max_receive_count=10):
    """(queue, its dead-letter queue)"""
    dead = sqs.create_queue(QueueName="life-dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": aws.queue_arn(sqs, dead), "maxReceiveCount": str(max_receive_count)}
    return sqs.create_queue(QueueName="life", Attributes={"RedrivePolicy": json.dumps(redrive)})["QueueUrl"], dead


class Fleet:
    """A queue, a group of `count` instances with a terminate hook that tells the queue, all registered in cluster prod."""

    def __init__(
        self,
        simulator,
        count=2,
        heartbeat=30,
        max_receive_count=10,
        group="web-asg",
        hook="drain-hook",
        transition=TERMINATING,
    ):
        self.aws, self.group, self.hook, self.transition = simulator.aws, group, hook, transition
        self.queue, self.dead_letters = make_queues(self.aws.sqs, max_receive_count)
        self.make_group(count, heartbeat)
        self.aws.ecs.create_cluster(clusterName="prod")
        self.aws.ecs.register_task_definition(
            family="web", containerDefinitions=[{"name": "web", "image": "web", "memory": 128}]
        )
        self.container_instances = {each: self.register(each) for each in self.instances()}

    def make_group(self, count, heartbeat):
        groups, told = self.aws.autoscaling, aws.told_to(aws.queue_arn(self.aws.sqs, self.queue))
        aws.make_group(groups, self.group, count, MaxSize=max(count, 10))
        aws.put_hook(groups, self.group, self.hook, self.transition, heartbeat, **told)

    def instances(self):
        return aws.members(self.aws.autoscaling, self.group)

    def register(self, instance):
        registered = self.aws.ecs.register_container_instance(
            cluster="prod", instanceIdentityDocument=aws.identity_document(instance)
        )
        return registered["containerInstance"]["containerInstanceArn"]

    def start_task(self, instance):
        """A standalone task: it runs until somebody stops it."""
        started = self.aws.ecs.start_task(
            cluster="prod", taskDefinition="web", containerInstances=[self.container_instances[instance]]
        )
        assert started["failures"] == []
        return started["tasks"][0]["taskArn"]

    def stop_task(self, arn):
        self.aws.ecs.stop_task(cluster="prod", task=arn)

    def end(self, instance):
        self.aws.autoscaling.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=True
        )

    def end_as_received_before(self, instance):
        """Its message, which has been in somebody's hand: whoever receives it next sends a heartbeat at once, or after half of
        the hook's timeout where Auto Scaling tells of the instance before it tells of the hook."""
        self.end(instance)

        def received():
            got = self.aws.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
            return [each["Body"] for each in got.get("Messages", []) if instance in each["Body"]]

        return processes.eventually(received, what="the hook's message")[0]

    def launch(self):
        """The instance that is launched because the group is to have one more."""
        before = self.instances()
        self.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=len(before) + 1)
        (launched,) = processes.eventually(lambda: set(self.instances()) - set(before), what="a launch")
        return launched

    def lifecycle_state(self, instance):
        """Empty once the instance has left its group."""
        found = self.aws.autoscaling.describe_auto_scaling_instances(InstanceIds=[instance])["AutoScalingInstances"]
        return found[0]["LifecycleState"] if found else ""

    def status(self, instance):
        arn = self.container_instances[instance]
        described = self.aws.ecs.describe_container_instances(cluster="prod", containerInstances=[arn])
        return described["containerInstances"][0]["status"]

    def waits(self, instance):
        return self.lifecycle_state(instance) == "Terminating:Wait"

    def gone(self, instance):
        return self.lifecycle_state(instance) in ("", "Terminated", "Terminating:Proceed")
