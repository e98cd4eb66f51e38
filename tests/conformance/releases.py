"""A service each of whose releases is an Auto Scaling group of its own, in moto; the test plays Auto Scaling."""

import json
import time

import aws
import processes
from processes import eventually


def tag_list(**tags):
    return [{"Key": key.replace("_", ":", 1).replace("_", "-"), "Value": value} for key, value in tags.items()]


def tags_of(resource):
    return {each["Key"]: each["Value"] for each in resource.get("Tags", [])}


class Releases(aws.MotoWorld):
    """Its first release is web-asg."""

    def __init__(self, endpoint):
        super().__init__(endpoint)
        aws.make_table(self.aws.dynamodb)
        self.put_launch_hook("web-asg")

    def put_launch_hook(self, group):
        aws.put_hook(self.aws.autoscaling, group, "launch-hook", aws.LAUNCHING)

    def release(self, group, count=1):
        """Creates the group; its instances."""
        (subnet,) = self.aws.ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.9.1.0/24"]}])["Subnets"]
        time.sleep(0.05)  # created after the release before it, by the clock's milliseconds
        instances = aws.make_group(self.aws.autoscaling, group, count, VPCZoneIdentifier=subnet["SubnetId"])
        self.put_launch_hook(group)
        aws.put_hook(self.aws.autoscaling, group, "drain-hook")
        return instances

    def open(self, instance, group, hook):
        token = aws.new_token()
        processes.post(f"{self.endpoint}/_test/actions", dict(group=group, hook=hook, instance=instance, token=token))
        return token

    def send(self, fields, times):
        body = json.dumps(json.loads(aws.direct_body(fields)) | fields)  # which may tell another time
        for _ in range(times):
            self.aws.sqs.send_message(QueueUrl=self.queue, MessageBody=body)

    def launch(self, instance, group, times=1, **more):
        token = self.open(instance, group, "launch-hook")
        journey = dict(LifecycleTransition=aws.LAUNCHING, Origin="EC2", Destination="AutoScalingGroup")
        self.send(aws.action_fields(instance, token, group, "launch-hook") | journey | more, times)
        return token

    def terminate(self, instance, group, times=1, **more):
        token = self.open(instance, group, "drain-hook")
        self.send(aws.action_fields(instance, token, group) | more, times)
        return token

    def result(self, token, within=40):
        """Of the only completion, once it has come."""
        eventually(lambda: not self.action(token)["open"], within, what="completion")
        (completion,) = [each for each in self.calls(token, "CompleteLifecycleAction") if each["accepted"]]
        return completion["result"]

    def settled(self, within=40):
        """Until every message is gone."""
        eventually(lambda: aws.queue_counts(self.aws.sqs, self.queue) == (0, 0), within, what="an empty queue")
        assert aws.queue_counts(self.aws.sqs, self.dead_letters) == (0, 0)

    def images(self, *instances):
        """All of ours, or those of the instances."""
        found = self.aws.ec2.describe_images(Owners=["self"])["Images"]
        names = [f"lifehook-web-{each}" for each in instances]
        return [each for each in found if each["Name"] in names or (not instances and each["Name"].startswith("lifehook-"))]

    def next_image(self, **becomes):
        processes.post(f"{self.endpoint}/_test/images", becomes)

    def make_image(self, instance, **tags):
        """As somebody made it before."""
        specification = [{"ResourceType": "image", "Tags": tag_list(**tags)}] if tags else []
        made = self.aws.ec2.create_image(
            InstanceId=instance, Name=f"lifehook-web-{instance}", TagSpecifications=specification
        )
        return made["ImageId"]
