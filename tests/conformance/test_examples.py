"""Every configuration of deploy/examples: `check` accepts it, and `handle --dry-run` on the samples it names prints the plan a
person expects, with no more permissions than it names."""

import json
import re
import shlex
import time

import pytest

import aws
import processes
from processes import ROOT, eventually, lifehook
from simulator import Fleet

EXAMPLES = ROOT / "deploy/examples"
NAMES = sorted(path.stem for path in EXAMPLES.iterdir())
TRIED = re.compile(r"^# try: lifehook handle -c THIS --dry-run tests/data/messages/(\S+)\.json$", re.MULTILINE)
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle"

# What `check` notes of them: hooks of one kind only, and the queue that deploy/queue.yaml makes. It warns of nothing.
NOTES = {
    "ecs-drain-on-scale-in": ["group web: no list for launching: launching hooks named drain-hook, where the group has any, are left to AWS"],
    "events-without-hook": [
        "group web: wait before a scheduled change may last two weeks: its queue needs a retention of 14 days and a "
        "maxReceiveCount of 100 or more"
    ],
    "launch-gate": ["group web: no list for terminating: terminating hooks named launch-hook, where the group has any, are left to AWS"],
}

DRAIN = ("would_drain", {"step": "drain_ecs", "cluster": "prod", "running_tasks": "1"})
FOUND_CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod"  # as ListClusters names it
LEAVE_LOAD_BALANCER = ("would_deregister", {"step": "deregister_targets", "target": "{instance}", "ports": "1"})
RAISE = ("would_raise_capacity", {"scaling_group": "web-asg"})
RUN_SCRIPT = ("would_run_command", {"document": "AWS-RunShellScript"})

# What is said would be done, by example and sample; in braces what the test puts in.
PLANS = {
    ("ecs-drain-on-scale-in", "sns-asg-terminate"): [DRAIN],
    ("events-without-hook", "eb-ec2-capacity-reservation-interruption"): [DRAIN],
    ("events-without-hook", "eb-ec2-rebalance-recommendation"): [DRAIN, RAISE],
    ("events-without-hook", "eb-ec2-state-stopping"): [DRAIN],
    ("events-without-hook", "eb-health-instance-retirement"): [("would_wait", {"until": "2026-03-11T13:19:03.000Z"}), DRAIN],
    ("fargate-spot-rerun", "eb-ecs-task-fargate-spot-standalone-notice"): [
        ("would_run_again", {"step": "rerun_task", "why": "it was interrupted", "attempt": "1"})
    ],
    ("fargate-spot-rerun", "eb-ecs-task-fargate-spot-termination-notice"): [
        ("would_deregister", {"step": "deregister_targets", "target": "{address}", "ports": "1"})
    ],
    ("image-on-unexpected-scale-in", "asg-direct-launch"): [
        ("would_track", {"service": "web", "scaling_group": "web-asg"}),
        ("would_wait", {"until_event_plus": "5m"}),
    ],
    ("image-on-unexpected-scale-in", "asg-direct-terminate"): [("would_create_image", {"name": "lifehook-web-{instance}"})],
    ("launch-gate", "eb-asg-launch-lifecycle"): [
        ("not_ready", {"why": "no ECS agent has registered it in cluster prod"}),
        ("would_wait", {"up_to": "10m", "then": "abandon"}),
    ],
    ("logs-and-installs", "asg-direct-launch"): [RUN_SCRIPT],
    ("logs-and-installs", "asg-direct-terminate"): [RUN_SCRIPT],
    ("spot-behind-load-balancer", "eb-ec2-capacity-reservation-interruption"): [LEAVE_LOAD_BALANCER, RAISE],
    ("spot-behind-load-balancer", "eb-ec2-spot-interruption-warning"): [LEAVE_LOAD_BALANCER, RAISE],
    ("spot-by-detach", "sns-eb-spot-interruption-warning"): [("would_detach", {"scaling_group": "web-asg"})],
    ("spot-ecs-deregistration", "eb-ec2-spot-interruption-warning"): [
        ("would_drain", {"step": "drain_ecs", "cluster": FOUND_CLUSTER, "running_tasks": "1"}),
        ("would_deregister", {"step": "drain_ecs", "cluster": FOUND_CLUSTER}),
    ],
}
PLAN_WORDS = re.compile(r"would_\w+|not_ready")


def text_of(example):
    return (EXAMPLES / f"{example}.yaml").read_text()


def tries():
    return [(example, sample) for example in NAMES for sample in TRIED.findall(text_of(example))]


class World:
    """What the samples speak of: web-asg behind a load balancer, in cluster prod, and tasks on Fargate Spot."""

    def __init__(self, simulator):
        self.simulator, self.aws = simulator, simulator.aws
        self.aws.ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE_SPOT"])
        self.fleet = Fleet(simulator, count=3)
        self.ending, self.launching, self.lost = self.fleet.instances()
        self.aws.ecs.deregister_container_instance(
            cluster="prod", containerInstance=self.fleet.container_instances[self.launching], force=True
        )
        aws.begin_table(self.aws.dynamodb)
        self.put_behind_load_balancer()
        self.until_running(self.fleet.start_task(self.ending))

    def make_target_group(self, name, kind):
        made = self.aws.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType=kind)
        return made["TargetGroups"][0]["TargetGroupArn"]

    def put_behind_load_balancer(self):
        arn = self.make_target_group("web", "instance")
        self.aws.autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName="web-asg", TargetGroupARNs=[arn])
        self.until_registered(arn, self.ending)

    def until_registered(self, target_group, target):
        def is_there():
            found = self.aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
            return target in [each["Target"]["Id"] for each in found]

        eventually(is_there, what=f"{target} registered")

    def task(self, arn):
        return self.aws.ecs.describe_tasks(cluster="prod", tasks=[arn])["tasks"][0]

    def until_running(self, arn):
        eventually(lambda: self.task(arn)["lastStatus"] == "RUNNING", what="the task running")
        return arn

    def task_of_service(self):
        """On Fargate Spot, its address registered with a load balancer."""
        self.aws.ecs.register_task_definition(
            family="on-fargate",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "web", "image": "web", "portMappings": [{"containerPort": 80}]}],
        )
        target_group = self.make_target_group("on-fargate", "ip")
        network = {"awsvpcConfiguration": {"subnets": ["subnet-0123456789abcdef0"], "securityGroups": ["sg-0123456789abcdef0"]}}
        self.aws.ecs.create_service(
            cluster="prod",
            serviceName="web",
            taskDefinition="on-fargate",
            desiredCount=1,
            capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
            networkConfiguration=network,
            loadBalancers=[{"targetGroupArn": target_group, "containerName": "web", "containerPort": 80}],
        )
        listed = lambda: self.aws.ecs.list_tasks(cluster="prod", serviceName="web")["taskArns"]
        arn = self.until_running(eventually(listed, what="the service's task")[0])
        details = {each["name"]: each["value"] for each in self.task(arn)["attachments"][0]["details"]}
        address = details["privateIPv4Address"]
        self.aws.elbv2.register_targets(TargetGroupArn=target_group, Targets=[{"Id": address, "Port": 80}])
        self.until_registered(target_group, address)
        return {"arn": arn, "address": address}

    def task_lost_with_its_host(self):
        """To ECS an interruption like any other, and one that can be caused by a call of AWS."""
        arn = self.until_running(self.fleet.start_task(self.lost))
        self.aws.ec2.terminate_instances(InstanceIds=[self.lost])
        eventually(lambda: self.task(arn)["lastStatus"] == "STOPPED", what="the task stopped")
        return {"arn": arn}

    def subject_of(self, sample):
        """What the sample is made to speak of."""
        if "standalone" in sample:
            return self.task_lost_with_its_host()
        if "ecs-task" in sample:
            return self.task_of_service()
        return {"instance": self.launching if "launch" in sample else self.ending}

    def message(self, sample, subject):
        """The sample, as if it had just been sent, of `subject`."""
        text = (aws.SAMPLES / f"{sample}.json").read_text()
        text = text.replace("2026-03-02T10:15:30", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()))
        text = text.replace("i-0a1b2c3d4e5f60718", subject.get("instance", ""))
        return text.replace("c13b4cb40f1f4fe4a2971f76ae5a47ad", subject.get("arn", "").rsplit("/", 1)[-1])


@pytest.fixture
def world(quick):
    return World(quick)


def said_lines(text):
    """(event, fields) of log lines as people read them."""
    for line in text.splitlines():
        _, _, event, *words = shlex.split(line)
        yield event, dict(word.split("=", 1) for word in words if "=" in word)


def plan_of(text):
    return by_event((event, fields) for event, fields in said_lines(text) if PLAN_WORDS.fullmatch(event))


def by_event(plan):
    """Steps that run together say so in any order."""
    return sorted(plan, key=lambda each: each[0])


def allowed_by(example):
    (named,) = re.findall(r"^# Allow: (.+)$", text_of(example), re.MULTILINE)
    policies = [json.loads((ROOT / f"deploy/iam/{name}.json").read_text()) for name in named.split()]
    return {action for policy in policies for statement in policy["Statement"] for action in statement["Action"]}


def called(simulator):
    names = [name.replace("elbv2.", "elasticloadbalancing.") for name in simulator.calls()]
    return {name.replace(".", ":", 1).removesuffix("Batch") for name in names}


@pytest.mark.parametrize("example", NAMES)
def test_check_accepts_the_example_and_warns_of_nothing_unexpected(example):
    checked = lifehook("check", "-c", EXAMPLES / f"{example}.yaml", env=processes.clean_environment(QUEUE_URL=QUEUE))

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "warning: " not in checked.stdout
    assert re.findall(r"^note: (.+)$", checked.stdout, re.MULTILINE) == NOTES.get(example, [])


@pytest.mark.parametrize("example", NAMES)
def test_every_example_can_be_tried(example):
    assert TRIED.findall(text_of(example))


@pytest.mark.parametrize("example, sample", tries())
def test_handle_prints_the_plan_a_person_expects(world, tmp_path, example, sample):
    subject = world.subject_of(sample)
    message = tmp_path / f"{sample}.json"
    message.write_text(world.message(sample, subject))
    world.simulator.control("reset-calls")

    handled = lifehook(
        "handle",
        "-c",
        EXAMPLES / f"{example}.yaml",
        message,
        "--dry-run",
        env=processes.aws_environment(world.simulator.url) | {"QUEUE_URL": world.fleet.queue},
    )

    assert handled.returncode == 0, handled.stdout + handled.stderr
    expected = by_event(
        (event, {key: value.format(**subject) for key, value in fields.items()}) for event, fields in PLANS[example, sample]
    )
    plan = plan_of(handled.stderr)
    assert [event for event, _ in plan] == [event for event, _ in expected], handled.stderr
    for (_, fields), (_, wanted) in zip(plan, expected):
        assert wanted.items() <= fields.items(), handled.stderr
    assert called(world.simulator) - allowed_by(example) == set()


def test_handle_says_why_a_sample_is_foreign_and_what_would_match(world):
    handled = lifehook(
        "handle",
        "-c",
        EXAMPLES / "spot-by-detach.yaml",
        aws.SAMPLES / "sns-eb-spot-interruption-warning.json",
        "--dry-run",
        env=processes.aws_environment(world.simulator.url) | {"QUEUE_URL": world.fleet.queue},
    )

    told = json.loads(handled.stdout)
    assert (handled.returncode, told["outcome"]) == (0, "foreign")
    assert "in no Auto Scaling group" in told["why"]
    assert told["would_match"] == "group web: an instance of an Auto Scaling group named web-*"


def test_no_plan_is_expected_of_what_cannot_be_tried():
    assert set(PLANS) - set(tries()) == set()
    assert set(NOTES) - set(NAMES) == set()
