"""A fleet of any size in `lifehook simulate`: equal Auto Scaling groups, each with a cluster of its own, a task on every
instance. Calls that are made by the thousand are written without an SDK, whose time would be most of the bench's."""

import collections
import http.client
import itertools
import json

import aws
from processes import REGION, eventually
from simulator import TERMINATING, make_queues

LARGEST_CLUSTER = 5000  # container instances: ECS's quota
UNCHECKED = f"AWS4-HMAC-SHA256 Credential=AKIDBENCH/20260101/{REGION}/ecs/aws4_request, SignedHeaders=host, Signature=0"


class PlainEcs:
    """ECS's protocol over one connection; the simulator checks no signature. `made`: calls by operation, so that those of
    a worker can be told from them."""

    def __init__(self, url):
        self.made = collections.Counter()
        self.connection = http.client.HTTPConnection(url.split("//")[1], timeout=60)

    def call(self, operation, **body):
        self.made[f"ecs.{operation}"] += 1
        headers = {
            "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": UNCHECKED,
        }
        self.connection.request("POST", "/", json.dumps(body), headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        return json.loads(said)


class Cell:
    """One group and its cluster; `tasks`: ARN by instance."""

    def __init__(self, number, count):
        self.group, self.cluster, self.count = f"web-{number:02}", f"prod-{number:02}", count
        self.tasks = {}


class WideFleet:
    def __init__(self, simulator, count, cells, heartbeat):
        self.aws, self.calls, self.ecs = simulator.aws, simulator.calls, PlainEcs(simulator.url)
        self.queue, self.dead_letters = make_queues(self.aws.sqs)
        container = {"name": "web", "image": "web", "memory": 128}
        self.ecs.call("RegisterTaskDefinition", family="web", containerDefinitions=[container])
        ends = [count * n // cells for n in range(cells + 1)]
        self.cells = [Cell(n, after - before) for n, (before, after) in enumerate(itertools.pairwise(ends))]
        for each in self.cells:
            self.fill(each, heartbeat)

    def fill(self, cell, heartbeat):
        self.make_group(cell, heartbeat)
        self.ecs.call("CreateCluster", clusterName=cell.cluster)
        instances = self.instances(cell)
        for some in tens(instances):
            arns = [self.register(cell, each) for each in some]
            started = self.ecs.call("StartTask", cluster=cell.cluster, taskDefinition="web", containerInstances=arns)
            assert not started["failures"], started
            by_arn = {task["containerInstanceArn"]: task["taskArn"] for task in started["tasks"]}
            cell.tasks |= {instance: by_arn[arn] for instance, arn in zip(some, arns, strict=True)}

    def make_group(self, cell, heartbeat):
        self.aws.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=cell.group,
            MinSize=0,
            MaxSize=cell.count,
            DesiredCapacity=cell.count,
            AvailabilityZones=["eu-west-1a"],
            LaunchTemplate={"LaunchTemplateName": "web"},
        )
        self.aws.autoscaling.put_lifecycle_hook(
            AutoScalingGroupName=cell.group,
            LifecycleHookName="drain-hook",
            LifecycleTransition=TERMINATING,
            HeartbeatTimeout=heartbeat,
            DefaultResult="CONTINUE",
            NotificationTargetARN=aws.queue_arn(self.aws.sqs, self.queue),
            RoleARN="arn:aws:iam::111122223333:role/lifecycle",
        )

    def instances(self, cell):
        described = self.aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[cell.group])
        found = [each["InstanceId"] for each in described["AutoScalingGroups"][0]["Instances"]]
        assert len(found) == cell.count, len(found)
        return found

    def register(self, cell, instance):
        document = aws.identity_document(instance)
        registered = self.ecs.call("RegisterContainerInstance", cluster=cell.cluster, instanceIdentityDocument=document)
        return registered["containerInstance"]["containerInstanceArn"]

    def scale_in(self):
        for each in self.cells:
            self.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=each.group, DesiredCapacity=0)

    def draining(self):
        """How many container instances are."""
        return sum(self.count_instances(each, "DRAINING") for each in self.cells)

    def all_draining(self, within=900):
        """Waits; a look at many takes the simulator's time, so it is seldom."""
        count = sum(each.count for each in self.cells)
        eventually(lambda: self.draining() == count, within, max(0.5, count / LARGEST_CLUSTER), "all draining")

    def count_instances(self, cell, status):
        counted, more = 0, {}
        while True:
            page = self.ecs.call("ListContainerInstances", cluster=cell.cluster, status=status, **more)
            counted += len(page["containerInstanceArns"])
            if not page.get("nextToken"):
                return counted
            more = {"nextToken": page["nextToken"]}

    def tasks(self):
        """(cluster, instance, task ARN) of all."""
        return [(cell.cluster, instance, task) for cell in self.cells for instance, task in cell.tasks.items()]

    def stop(self, cluster, task):
        self.ecs.call("StopTask", cluster=cluster, task=task)


def tens(all_of):
    return [all_of[n : n + 10] for n in range(0, len(all_of), 10)]


def groups_text(cells):
    """Configuration, as a template for Worker: each group drains in its own cluster."""
    return "groups:\n" + "".join(
        f'  - name: {each.group}\n    match: ["{each.group}"]\n    hooks: ["drain*"]\n    deadline: 10h\n'
        f"    terminating:\n      - drain_ecs: {{{{cluster: {each.cluster}, timeout: 9h}}}}\n"
        for each in cells
    )
