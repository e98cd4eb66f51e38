"""Example logs-and-installs through the real binary: commands by SSM, once each, while the hook is kept open."""

import pytest

import aws
from aws import LAUNCHING
from examples import example
from processes import eventually
from simulator import Fleet, Simulator

SAVES_LOGS = "tar -czf - /var/log/web | aws s3 cp - s3://BUCKET/$(hostname).tar.gz"
TO_BUCKET = {"# output_bucket: BUCKET ": "output_bucket: saved-logs "}


class Managed(Fleet):
    """Instances whose SSM agent has registered; scripts run until the test ends them."""

    def __init__(self, simulator, **settings):
        super().__init__(simulator, **settings)
        self.simulator = simulator
        aws.make_table(self.aws.dynamodb)
        simulator.control("scripts", run_time=3600)

    def end_scripts(self, exit_code):
        """Those that run, and those that will."""
        self.simulator.control("scripts", run_time=0, exit_code=exit_code)

    def until_managed(self, instance):
        def is_online():
            told = self.aws.ssm.describe_instance_information()["InstanceInformationList"]
            return instance in [each["InstanceId"] for each in told]

        eventually(is_online, 60, what="the instance's SSM agent")

    def commands(self, instance):
        return self.aws.ssm.list_commands(InstanceId=instance)["Commands"]

    def until_settled(self):
        eventually(lambda: aws.queue_counts(self.aws.sqs, self.queue) == (0, 0), 30, what="an empty queue")
        assert aws.queue_counts(self.aws.sqs, self.dead_letters) == (0, 0)


@pytest.fixture
def start_workers(start_worker):
    """Workers that run the example."""

    def start(fleet, changes=None, names=("one",)):
        settings = dict(config=example("logs-and-installs", *(changes or {}).items()))
        return [start_worker(fleet.simulator.url, fleet.queue, name=each, **settings) for each in names]

    return start


# Its queue, too, is faster than the worker believes: messages in hand are received again.
OF_BRISK = dict(heartbeat=3600, max_receive_count=100)


@pytest.fixture
def brisk():
    """A simulator five times as fast as the worker, where no heartbeat is waited for: an agent registers after 4 s."""
    with Simulator("--speed", "5") as running:
        yield running


def calls(simulator, name):
    return simulator.calls().get(f"autoscaling.{name}", 0)


def take_message(fleet):
    """The body of the hook's message, which is then gone from the queue."""

    def taken():
        got = fleet.aws.sqs.receive_message(QueueUrl=fleet.queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in got:
            fleet.aws.sqs.delete_message(QueueUrl=fleet.queue, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in got if "LifecycleActionToken" in each["Body"]]

    return eventually(taken, what="the hook's message")[0]


def deliver_to_all(fleet, body, workers):
    """As SQS may deliver a message twice: at first all at once, then until each of the workers has it in hand."""
    copies = [{"Id": str(number), "MessageBody": body} for number in range(4)]
    fleet.aws.sqs.send_message_batch(QueueUrl=fleet.queue, Entries=copies)

    def all_hold():
        if all(each.metric("lifehook_hooks_held", group="web") == 1 for each in workers):
            return True
        fleet.aws.sqs.send_message(QueueUrl=fleet.queue, MessageBody=body)
        return False

    eventually(all_hold, 30, every=0.3, what="the hook in every worker's hands")


def test_logs_are_saved_once_before_the_instance_ends_though_two_workers_are_told_of_it(simulator, start_workers):
    fleet = Managed(simulator, heartbeat=30)
    ending = fleet.instances()[0]
    fleet.until_managed(ending)
    fleet.end(ending)
    body = take_message(fleet)
    workers = start_workers(fleet, TO_BUCKET, names=("one", "two"))

    deliver_to_all(fleet, body, workers)

    eventually(lambda: fleet.commands(ending), 40, what="a command")
    eventually(lambda: calls(simulator, "RecordLifecycleActionHeartbeat") >= 2, 60, what="heartbeats")
    assert fleet.waits(ending), "completed while the script ran"
    assert calls(simulator, "CompleteLifecycleAction") == 0
    fleet.end_scripts(0)

    eventually(lambda: fleet.gone(ending), 30, what="the end of the instance")
    fleet.until_settled()
    (command,) = fleet.commands(ending)
    assert (command["DocumentName"], command["OutputS3BucketName"]) == ("AWS-RunShellScript", "saved-logs")
    assert command["Parameters"]["commands"] == [SAVES_LOGS]
    assert simulator.calls()["ssm.SendCommand"] == 1
    said = [line for each in workers for line in each.logs(event="command_ended", instance=ending)]
    assert said and all(f"/saved-logs/{command['CommandId']}/{ending}/" in line["output"] for line in said)


def test_another_worker_goes_on_with_the_command_after_kill_9(simulator, start_workers):
    fleet = Managed(simulator)
    ending = fleet.instances()[0]
    fleet.until_managed(ending)
    (first,) = start_workers(fleet)
    fleet.end(ending)
    eventually(lambda: fleet.commands(ending), 40, what="a command")

    first.kill()
    (second,) = start_workers(fleet, names=("two",))
    eventually(lambda: second.logs(event="command_found"), 40, what="the command found")
    fleet.end_scripts(0)

    eventually(lambda: fleet.gone(ending), 30, what="the end of the instance")
    assert simulator.calls()["ssm.SendCommand"] == 1


RESULTS = [("ignore_exit: true ", "done"), ("ignore_exit: false ", "failed")]


@pytest.mark.parametrize("setting, outcome", RESULTS, ids=["ignored", "not ignored"])
def test_a_script_that_fails_ends_its_list_unless_its_exit_is_ignored(brisk, start_workers, setting, outcome):
    fleet = Managed(brisk, **OF_BRISK)
    ending = fleet.instances()[0]
    fleet.until_managed(ending)
    fleet.end_scripts(3)
    changes = {"ignore_exit: true ": setting, "terminating: continue": "terminating: abandon"}
    (worker,) = start_workers(fleet, changes)

    fleet.end(ending)

    eventually(lambda: fleet.gone(ending), 60, what="the end of the instance")
    fleet.until_settled()
    assert calls(brisk, "CompleteLifecycleAction") == 1
    result = {"done": "continue", "failed": "abandon"}[outcome]
    assert worker.metric("lifehook_hooks_completed_total", transition="terminating", result=result) == 1
    assert worker.metric("lifehook_steps_total", step="run_command", outcome=outcome) == 1
    (said,) = worker.logs(event="command_ended")
    assert (said["exit_code"], said["status"]) == (3, "Failed")


@pytest.mark.parametrize("exit_code, state", [(0, "InService"), (1, "")], ids=["installed", "failed"])
def test_software_is_installed_once_ssm_manages_the_instance(brisk, start_workers, exit_code, state):
    fleet = Managed(brisk, **OF_BRISK, count=0, hook="launch-hook", transition=LAUNCHING)
    (worker,) = start_workers(fleet)
    instance = fleet.launch()
    eventually(lambda: worker.logs(event="not_managed_yet", instance=instance), 30, what="a first try")
    assert fleet.commands(instance) == []
    assert fleet.lifecycle_state(instance) == "Pending:Wait"

    eventually(lambda: fleet.commands(instance), 60, what="the installation")
    assert fleet.lifecycle_state(instance) == "Pending:Wait", "in service before it was installed"
    (command,) = fleet.commands(instance)
    assert command["Parameters"] == {"commands": ["/opt/web/install.sh"], "executionTimeout": ["1200"]}
    fleet.end_scripts(exit_code)

    eventually(lambda: fleet.lifecycle_state(instance) == state, 60, what=f"state {state!r}")
    assert len(fleet.commands(instance)) == 1
