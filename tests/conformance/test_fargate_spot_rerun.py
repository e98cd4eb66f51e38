"""Example fargate-spot-rerun through the real binary: a task that Fargate Spot takes back runs again, with all it had."""

import pytest

import aws
import events
from examples import example
from processes import eventually
from simulator import make_queues

NOTICE = "eb-ecs-task-fargate-spot-standalone-notice"
BEGUN = "eb-ecs-task-fargate-running"
SERVICE_NOTICE = "eb-ecs-task-fargate-spot-termination-notice"
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1a"], "securityGroups": ["sg-0a", "sg-0b"]}}
OVERRIDES = {"containerOverrides": [{"name": "app", "command": ["--day", "monday"]}]}
ORDER = {
    "cluster": "prod",
    "taskDefinition": "report",
    "capacityProviderStrategy": SPOT,
    "networkConfiguration": NETWORK,
    "overrides": OVERRIDES,
    "startedBy": "nightly",
}


class Reports:
    """Tasks on Fargate Spot in cluster prod, and a queue that hears of them."""

    def __init__(self, simulator):
        self.simulator, self.aws = simulator, simulator.aws
        self.queue, self.dead_letters = make_queues(self.aws.sqs)
        aws.make_table(self.aws.dynamodb)
        self.aws.ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE", "FARGATE_SPOT"])
        for family in ("report", "web"):
            self.aws.ecs.register_task_definition(
                family=family,
                networkMode="awsvpc",
                requiresCompatibilities=["FARGATE"],
                cpu="256",
                memory="512",
                containerDefinitions=[{"name": "app", "image": "app:1", "stopTimeout": 2}],
            )

    def run(self, **tags):
        tags = [{"key": key, "value": value} for key, value in tags.items()]
        return self.until_running(self.aws.ecs.run_task(**ORDER, tags=tags)["tasks"][0]["taskArn"])

    def until_running(self, arn):
        eventually(lambda: self.task(arn)["lastStatus"] == "RUNNING", what="the task running")
        return arn

    def interrupt(self, arn, exit_code=137):
        """Fargate Spot takes it back; its container exits with this in the time it is given."""
        self.simulator.control("interrupt-task", task=arn, exit_codes={"app": exit_code})
        self.until_stopped(arn, "SpotInterruption")

    def fail(self, arn):
        self.simulator.control("end-containers", task=arn, exit_codes={"app": 1})
        self.until_stopped(arn, "EssentialContainerExited")

    def stop(self, arn):
        """Somebody does."""
        self.aws.ecs.stop_task(cluster="prod", task=arn)
        self.until_stopped(arn, "UserInitiated")

    def until_stopped(self, arn, code):
        eventually(lambda: self.task(arn)["lastStatus"] == "STOPPED", what="the task stopped")
        assert self.task(arn)["stopCode"] == code

    def task(self, arn):
        return self.aws.ecs.describe_tasks(cluster="prod", tasks=[arn], include=["TAGS"])["tasks"][0]

    def tell(self, sample, arn, **detail):
        events.send(self.aws.sqs, self.queue, events.of_task(sample, self.task(arn), **detail))

    def tell_end(self, arn):
        """That it has stopped, and why."""
        task = self.task(arn)
        names = ("lastStatus", "desiredStatus", "stopCode", "stoppedReason")
        self.tell(NOTICE, arn, **{name: task[name] for name in names})

    def others(self, arn):
        """All tasks but one, whatever their state."""
        listed = [
            each
            for status in ("RUNNING", "STOPPED")
            for each in self.aws.ecs.list_tasks(cluster="prod", family="report", desiredStatus=status)["taskArns"]
        ]
        return [each for each in listed if each != arn]

    def tags(self, arn):
        return {tag["key"]: tag["value"] for tag in self.task(arn)["tags"]}

    def interface_of(self, arn):
        details = {each["name"]: each["value"] for each in self.task(arn)["attachments"][0]["details"]}
        return self.aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])[
            "NetworkInterfaces"
        ][0]

    def until_noted(self, arn):
        """Until the network of the task is in the state."""

        def noted():
            return [each for each in self.aws.dynamodb.scan(TableName="lifehook")["Items"] if arn in each["key"]["S"]]

        eventually(noted, 40, what="the network in the state")

    def is_settled(self):
        return aws.queue_counts(self.aws.sqs, self.queue) == (0, 0)

    def until_settled(self, worker, messages):
        """Until all of the messages have been removed by the worker."""
        eventually(lambda: worker.settled() == messages, 60, what=f"{messages} messages removed")
        eventually(self.is_settled, 20, what="an empty queue")
        assert aws.queue_counts(self.aws.sqs, self.dead_letters) == (0, 0)


@pytest.fixture
def reports(simulator):
    return Reports(simulator)


@pytest.fixture
def worker(simulator, reports, start_worker):
    return start_worker(simulator.url, reports.queue, config=example("fargate-spot-rerun"))


def test_an_interrupted_task_runs_again_once_with_all_it_had(reports, worker):
    arn = reports.run(Team="data")
    reports.tell(NOTICE, arn)
    reports.until_noted(arn)
    assert reports.others(arn) == [], "run again before it has stopped"
    assert aws.queue_counts(reports.aws.sqs, reports.queue) == (0, 1)

    reports.interrupt(arn)

    (again,) = eventually(lambda: reports.others(arn), 40, what="the task again")
    reports.until_settled(worker, 1)
    reports.until_running(again)
    task = reports.task(again)
    assert task["taskDefinitionArn"] == reports.task(arn)["taskDefinitionArn"]
    assert task["overrides"]["containerOverrides"] == OVERRIDES["containerOverrides"]
    assert (task["capacityProviderName"], task["startedBy"]) == ("FARGATE_SPOT", "nightly")
    assert (task["group"], task["launchType"]) == ("family:report", "FARGATE")
    assert reports.tags(again) == {"Team": "data", "lifehook:attempt": "1", "lifehook:rerun-of": arn}
    interface = reports.interface_of(again)
    assert (interface["SubnetId"], [each["GroupId"] for each in interface["Groups"]]) == ("subnet-1a", ["sg-0a", "sg-0b"])

    reports.tell(NOTICE, arn, lastStatus="RUNNING")
    reports.tell_end(arn)
    reports.until_settled(worker, 3)
    assert reports.others(arn) == [again], "told twice, run again twice"


def test_a_task_that_is_interrupted_again_counts_its_attempts(reports, worker):
    arn = reports.run(**{"lifehook:attempt": "1"})
    reports.tell(NOTICE, arn)
    reports.until_noted(arn)

    reports.interrupt(arn)

    (again,) = eventually(lambda: reports.others(arn), 40, what="the task again")
    assert reports.tags(again)["lifehook:attempt"] == "2"


def test_a_task_whose_attempts_are_used_up_does_not_run_again(reports, worker):
    arn = reports.run(**{"lifehook:attempt": "3"})
    reports.tell(NOTICE, arn)
    reports.until_noted(arn)

    reports.interrupt(arn)

    reports.until_settled(worker, 1)
    assert reports.others(arn) == []
    assert worker.logs(event="attempts_used_up", level="warn")


def succeeds_before_it_is_taken(reports, arn):
    reports.interrupt(arn, exit_code=0)


NOT_INTERRUPTED = [(NOTICE, succeeds_before_it_is_taken), (BEGUN, Reports.stop), (BEGUN, Reports.fail)]


@pytest.mark.parametrize("first_told, end", NOT_INTERRUPTED, ids=["it succeeded before", "somebody stopped it", "it failed"])
def test_a_task_that_no_interruption_has_ended_does_not_run_again(reports, worker, first_told, end):
    arn = reports.run()
    reports.tell(first_told, arn)
    reports.until_noted(arn)

    end(reports, arn)
    reports.tell_end(arn)

    reports.until_settled(worker, 2)
    assert reports.others(arn) == []
    assert worker.logs(event="not_run_again")


def test_on_failure_a_failed_task_runs_again_in_the_network_noted_while_it_ran(simulator, reports, start_worker):
    config = example("fargate-spot-rerun", ("on: interruption ", "on: failure "))
    worker = start_worker(simulator.url, reports.queue, config=config)
    arn = reports.run()
    reports.tell(BEGUN, arn)
    reports.until_noted(arn)
    reports.until_settled(worker, 1)

    reports.fail(arn)
    assert reports.others(arn) == []
    reports.tell_end(arn)

    (again,) = eventually(lambda: reports.others(arn), 40, what="the task again")
    reports.until_settled(worker, 2)
    assert [each["GroupId"] for each in reports.interface_of(again)["Groups"]] == ["sg-0a", "sg-0b"]


def test_an_interrupted_task_of_a_service_leaves_its_load_balancer_and_is_not_run_by_us(reports, worker):
    elb, ecs = reports.aws.elbv2, reports.aws.ecs
    made = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip")
    target_group = made["TargetGroups"][0]["TargetGroupArn"]
    ecs.create_service(
        cluster="prod",
        serviceName="web",
        taskDefinition="web",
        desiredCount=2,
        capacityProviderStrategy=SPOT,
        networkConfiguration=NETWORK,
        loadBalancers=[{"targetGroupArn": target_group, "containerName": "app", "containerPort": 80}],
    )
    listed = lambda: ecs.list_tasks(cluster="prod", serviceName="web")["taskArns"]
    tasks = eventually(lambda: len(listed()) == 2 and listed(), what="the service's tasks")
    lost, kept = [reports.interface_of(reports.until_running(each))["PrivateIpAddress"] for each in tasks]
    elb.register_targets(TargetGroupArn=target_group, Targets=[{"Id": each, "Port": 80} for each in (lost, kept)])

    def in_service():
        told = elb.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return {each["Target"]["Id"] for each in told if each["TargetHealth"]["State"] != "draining"}

    assert in_service() == {lost, kept}
    reports.tell(SERVICE_NOTICE, tasks[0])

    eventually(lambda: in_service() == {kept}, 30, what="the target's way out")
    reports.until_settled(worker, 1)
    assert reports.task(tasks[0])["lastStatus"] == "RUNNING", "SIGTERM came before"
    assert sorted(listed()) == sorted(tasks)
