"""What is never printed, though AWS refuses signed calls in words that repeat what was signed."""

import json

import pytest

import processes
from configuration import GOOD
from processes import eventually, lifehook
from refusing import Refusing
from simulator import Fleet
from worker import CONFIG

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETKEY"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEXAMPLESESSION//////////wEaCWV1LXdlc3QtMSJHMEUCIQ=="
KEYS = {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SESSION_TOKEN}
TALKATIVE = CONFIG + "log: {{level: debug}}\n"


@pytest.fixture
def refusing(simulator):
    with Refusing(simulator.url) as running:
        yield running


@pytest.fixture
def hook(simulator):
    """A fleet, one instance of which ends, and its hook's message."""
    fleet = Fleet(simulator)
    ending = fleet.instances()[0]
    fleet.start_task(ending)
    fleet.message = fleet.end_as_received_before(ending)
    fleet.token = json.loads(fleet.message)["LifecycleActionToken"]
    return fleet


def secrets_in(text, hook):
    """Those that must not be there, and are."""
    secrets = (SECRET, SESSION_TOKEN, SESSION_TOKEN[:16], hook.token, "Authorization", "Signature=", "AWS4-HMAC-SHA256")
    return [each for each in secrets if each.lower() in text.lower()]


def test_no_secret_is_logged_of_calls_that_are_refused(refusing, hook, start_worker):
    refusing.services = {"ecs"}
    worker = start_worker(refusing.url, hook.queue, config=TALKATIVE, more_env=KEYS)
    said = lambda *words: any(all(word in line for word in words) for line in worker.lines)
    eventually(lambda: said('"error"', "heartbeat_failed", "lifecycleActionToken"), what="a refused token")
    eventually(lambda: said('"error"', "signature we calculated does not match"), what="a refused signature of ECS")

    refusing.services = {"ecs", "autoscaling", "sqs"}
    hook.aws.sqs.send_message(QueueUrl=hook.queue, MessageBody="hello")  # ends the long poll
    eventually(lambda: said("receiv", "signature we calculated does not match"), what="a refused signature of SQS")
    worker.terminate()
    assert worker.exit_code(within=15) == 0

    assert refusing.shown == {SESSION_TOKEN}, "nothing was repeated that could have been logged"
    assert secrets_in("\n".join(worker.lines), hook) == []
    assert said(hook.token[:8])


def test_no_secret_is_printed_by_handle(refusing, hook, configured, tmp_path):
    refusing.services = {"ecs"}
    message = tmp_path / "message.json"
    message.write_text(hook.message)
    environment = processes.aws_environment(refusing.url) | KEYS

    handled = lifehook("handle", "-c", configured(GOOD), message, "--dry-run", env=environment, timeout=60)

    assert "signature we calculated does not match" in handled.stderr
    assert refusing.shown == {SESSION_TOKEN}
    assert secrets_in(handled.stdout + handled.stderr, hook) == []
