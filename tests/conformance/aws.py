"""boto3 clients, message bodies, and the two ways a world is set up: moto's and our simulator's."""

import json
import time
import uuid

import boto3
import botocore.config

import processes
from processes import REGION, ROOT

SAMPLES = ROOT / "tests/data/messages"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"


def client(service, endpoint):
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="AKIDTEST",
        aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


class Clients:
    """One client per service, made when first asked for."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def __getattr__(self, service):
        made = client(service, self.endpoint)
        setattr(self, service, made)
        return made


def queue_arn(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def queue_counts(sqs, url):
    """(visible, in flight)"""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return tuple(int(counted[name]) for name in names)


def begin_table(dynamodb):
    """As deploy/table.yaml has it; it takes AWS three seconds."""
    dynamodb.create_table(
        TableName="lifehook",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def make_table(dynamodb):
    begin_table(dynamodb)
    status = lambda: dynamodb.describe_table(TableName="lifehook")["Table"]["TableStatus"]
    processes.eventually(lambda: status() == "ACTIVE", what="the table")


def make_group(autoscaling, name, count, **more):
    """Its instances, as many as there are by then."""
    settings = dict(MinSize=0, MaxSize=5, DesiredCapacity=count, LaunchTemplate={"LaunchTemplateName": "web"})
    if "VPCZoneIdentifier" not in more:
        settings["AvailabilityZones"] = [REGION + "a"]
    autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **settings | more)
    return members(autoscaling, name)


def members(autoscaling, group):
    (described,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    return [each["InstanceId"] for each in described["Instances"]]


def put_hook(autoscaling, group, name, transition=TERMINATING, heartbeat=30, **more):
    settings = dict(HeartbeatTimeout=heartbeat, DefaultResult="CONTINUE") | more
    autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=group, LifecycleHookName=name, LifecycleTransition=transition, **settings
    )


def told_to(queue):
    """Settings of a hook whose messages go to the queue of this ARN."""
    return dict(NotificationTargetARN=queue, RoleARN="arn:aws:iam::111122223333:role/lifecycle")


def identity_document(instance):
    return json.dumps(
        {
            "instanceId": instance,
            "region": REGION,
            "accountId": "123456789012",
            "version": "2010-8-31",
            "imageId": "ami-0a1b2c3d4e5f60718",
            "instanceType": "t3.micro",
            "availabilityZone": REGION + "a",
            "privateIp": "10.9.1.5",
            "architecture": "x86_64",
            "pendingTime": "2026-01-01T00:00:00Z",
        }
    )


def new_token():
    return str(uuid.uuid4())


def action_fields(instance, token, group="web-asg", hook="drain-hook"):
    """What every delivery path of a terminating action carries."""
    return {
        "LifecycleActionToken": token,
        "AutoScalingGroupName": group,
        "LifecycleHookName": hook,
        "EC2InstanceId": instance,
        "LifecycleTransition": TERMINATING,
        "Origin": "AutoScalingGroup",
        "Destination": "EC2",
    }


def direct_body(fields):
    """The message Auto Scaling itself writes."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
    more = {"Service": "AWS Auto Scaling", "Time": stamp, "RequestId": str(uuid.uuid4()), "AccountId": "123456789012"}
    return json.dumps(fields | more)


class MotoWorld:
    """A queue with its dead-letter queue, a group of two with a terminate hook, both registered in cluster prod."""

    def __init__(self, endpoint, max_receive_count=10):
        self.endpoint, self.aws = endpoint, Clients(endpoint)
        self.freeze_tasks()
        self.dead_letters = self.aws.sqs.create_queue(QueueName="life-dead")["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": queue_arn(self.aws.sqs, self.dead_letters),
            "maxReceiveCount": str(max_receive_count),
        }
        attributes = {"VisibilityTimeout": "30", "RedrivePolicy": json.dumps(redrive)}
        self.queue = self.aws.sqs.create_queue(QueueName="life", Attributes=attributes)["QueueUrl"]
        self.queue_arn = queue_arn(self.aws.sqs, self.queue)
        self.instances = self.launch_group()
        self.aws.ecs.create_cluster(clusterName="prod")
        self.container_instances = {each: self.register(each) for each in self.instances}

    def freeze_tasks(self):
        """Each DescribeTasks of moto would move the tasks one state on."""
        manual = {"progression": "manual", "times": 1_000_000}
        processes.post(
            f"{self.endpoint}/moto-api/state-manager/set-transition", {"model_name": "ecs::task", "transition": manual}
        )

    def launch_group(self):
        ec2, groups = self.aws.ec2, self.aws.autoscaling
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", AvailabilityZone=REGION + "a")["Subnet"]
        template = {"ImageId": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
        ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=template)
        instances = make_group(groups, "web-asg", 2, VPCZoneIdentifier=subnet["SubnetId"])
        put_hook(groups, "web-asg", "drain-hook")
        return instances

    def register(self, instance):
        registered = self.aws.ecs.register_container_instance(
            cluster="prod", instanceIdentityDocument=identity_document(instance)
        )
        return registered["containerInstance"]["containerInstanceArn"]

    def start_tasks(self, instance, count):
        self.aws.ecs.register_task_definition(
            family="web", containerDefinitions=[{"name": "web", "image": "web", "cpu": 64, "memory": 128}]
        )
        return [
            self.aws.ecs.start_task(
                cluster="prod", taskDefinition="web", containerInstances=[self.container_instances[instance]]
            )["tasks"][0]["taskArn"]
            for _ in range(count)
        ]

    def stop_task(self, arn):
        self.aws.ecs.stop_task(cluster="prod", task=arn, reason="the test plays the scheduler")

    def status(self, instance):
        arn = self.container_instances[instance]
        described = self.aws.ecs.describe_container_instances(cluster="prod", containerInstances=[arn])
        return described["containerInstances"][0]["status"]

    def open_action(self, instance):
        token = new_token()
        body = dict(group="web-asg", hook="drain-hook", instance=instance, token=token)
        processes.post(f"{self.endpoint}/_test/actions", body)
        return token

    def action(self, token):
        return next(each for each in json.loads(processes.get(f"{self.endpoint}/_test/actions")) if each["token"] == token)

    def calls(self, token, call):
        return [each for each in self.action(token)["calls"] if each["call"] == call]


def send_direct(world, fields):
    world.aws.sqs.send_message(QueueUrl=world.queue, MessageBody=direct_body(fields))


def topic_into_queue(world):
    topic = world.aws.sns.create_topic(Name="life")["TopicArn"]
    world.aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=world.queue_arn)
    return topic


def send_through_sns(world, fields):
    subject = f"Auto Scaling:  Lifecycle action 'TERMINATING' for instance {fields['EC2InstanceId']} in progress."
    world.aws.sns.publish(TopicArn=topic_into_queue(world), Message=direct_body(fields), Subject=subject)


def put_event(world, fields, target):
    kind = "EC2 Instance-terminate Lifecycle Action"
    world.aws.events.put_rule(Name="life", EventPattern=json.dumps({"source": ["aws.autoscaling"], "detail-type": [kind]}))
    world.aws.events.put_targets(Rule="life", Targets=[{"Id": "1", "Arn": target}])
    entry = {"Source": "aws.autoscaling", "DetailType": kind, "Resources": [], "Detail": json.dumps(fields)}
    assert world.aws.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def send_through_eventbridge(world, fields):
    put_event(world, fields, world.queue_arn)


def send_through_eventbridge_and_sns(world, fields):
    """moto's rules do not reach topics: the event it makes is carried to the topic as EventBridge would."""
    aside = world.aws.sqs.create_queue(QueueName="aside")["QueueUrl"]
    put_event(world, fields, queue_arn(world.aws.sqs, aside))
    event = world.aws.sqs.receive_message(QueueUrl=aside)["Messages"][0]["Body"]
    world.aws.sns.publish(TopicArn=topic_into_queue(world), Message=event)
