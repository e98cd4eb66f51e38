"""`lifehook handle`: one message, and what was done about it, or would be."""

import json
import re
import signal

import pytest

import aws
from configuration import GOOD
from processes import BINARY, Process, aws_environment, eventually, lifehook
from simulator import Fleet

EVERY_HOOK = GOOD.replace("drain*", "*")


@pytest.fixture
def try_out(simulator, configured):
    """Runs a dry run of a sample."""

    def run(config, sample):
        message = aws.SAMPLES / sample
        environment = aws_environment(simulator.url)
        return lifehook("handle", "-c", configured(config), message, "--dry-run", env=environment, timeout=60)

    return run


@pytest.mark.parametrize(
    "sample, said",
    [
        ("asg-direct-terminate.json", "terminating"),
        ("sns-asg-terminate.json", "terminating"),
        ("eb-asg-terminate-lifecycle.json", "terminating"),
        ("asg-direct-test-notification.json", "test"),
    ],
)
def test_handle_says_what_a_message_is_and_would_do(simulator, try_out, sample, said):
    simulator.aws.ecs.create_cluster(clusterName="prod")

    handled = try_out(EVERY_HOOK, sample)

    assert handled.returncode == 0, handled.stderr
    assert said in handled.stdout


@pytest.mark.parametrize("sample", ["asg-direct-test-notification.json", "asg-direct-terminate.json"])
def test_a_dry_run_leaves_every_message(try_out, sample):
    handled = try_out(GOOD.replace("drain*", "other"), sample)

    told = json.loads(handled.stdout)
    assert told["outcome"] in ("ignored", "foreign")
    assert (told["disposition"], told["dry_run"]) == ("leave", True)


def test_a_dry_run_says_that_an_unknown_cluster_would_hold_the_hook(try_out):
    handled = try_out(EVERY_HOOK, "asg-direct-terminate.json")

    told = json.loads(handled.stdout)
    assert (told["outcome"], told["disposition"], handled.returncode) == ("held", "leave", 1)
    assert "would_hold" in handled.stderr
    assert "abandon" not in re.search(r"dry_run.*", handled.stderr)[0].replace("continue or abandon", "")


def test_a_handle_that_is_stopped_is_not_done(simulator, configured, tmp_path):
    fleet = Fleet(simulator)
    ending = fleet.instances()[0]
    fleet.start_task(ending)
    message = tmp_path / "message.json"
    message.write_text(fleet.end_as_received_before(ending))

    command = [BINARY, "handle", "-c", configured(GOOD), message]
    with Process(command, env=aws_environment(simulator.url)) as handling:
        eventually(lambda: fleet.status(ending) == "DRAINING", 20, what="DRAINING")
        handling.signal(signal.SIGINT)
        assert handling.exit_code(within=15) == 1

    (told,) = (json.loads(line) for line in handling.lines if line.startswith("{"))
    assert (told["outcome"], told["disposition"]) == ("stopped", "requeue")


def test_handle_reads_a_message_from_its_input(configured):
    handled = lifehook("handle", "-c", configured(GOOD), "-", "--dry-run", input="hello")

    assert handled.returncode == 1
    assert "malformed" in handled.stdout + handled.stderr
