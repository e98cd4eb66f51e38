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
        message = aws.SAMPLES / f"{sample}.json"
        environment = aws_environment(simulator.url)
        return lifehook("handle", "-c", configured(config), message, "--dry-run", env=environment, timeout=60)

    return run


@pytest.mark.parametrize("sample", ["asg-direct-terminate", "sns-asg-terminate", "eb-asg-terminate-lifecycle"])
def test_handle_says_what_a_message_is_and_would_do(simulator, try_out, sample):
    simulator.aws.ecs.create_cluster(clusterName="prod")

    handled = try_out(EVERY_HOOK, sample)

    told = json.loads(handled.stdout)
    assert (told["event"], told["group"], told["hook"]) == ("terminating", "web", "drain-hook")
    assert (told["outcome"], told["disposition"], handled.returncode) == ("skipped", "leave", 0)
    assert "not_in_cluster" in handled.stderr
    assert re.search(r"dry_run .*would=continue", handled.stderr)
    assert (told["would"], told["in_the_wait"]) == ("continue", False)


@pytest.mark.parametrize(
    "sample, event, outcome",
    [("asg-direct-test-notification", "test_notification", "ignored"), ("asg-direct-terminate", "terminating", "foreign")],
)
def test_a_dry_run_leaves_even_what_would_be_removed(try_out, sample, event, outcome):
    handled = try_out(GOOD.replace("drain*", "other"), sample)

    told = json.loads(handled.stdout)
    assert (told["event"], told["outcome"], handled.returncode) == (event, outcome, 0)
    assert (told["disposition"], told["dry_run"]) == ("leave", True)


def test_a_dry_run_makes_no_file_of_state(simulator, try_out, tmp_path):
    simulator.aws.ecs.create_cluster(clusterName="prod")
    volume = tmp_path / "volume"
    volume.mkdir()

    handled = try_out(EVERY_HOOK + f"state: {{backend: sqlite, path: {volume}/state.db}}\n", "asg-direct-terminate")

    assert (json.loads(handled.stdout)["outcome"], handled.returncode) == ("skipped", 0)
    assert list(volume.iterdir()) == []


def test_a_dry_run_says_that_an_unknown_cluster_would_hold_the_hook(try_out):
    handled = try_out(EVERY_HOOK, "asg-direct-terminate")

    told = json.loads(handled.stdout)
    assert (told["outcome"], told["disposition"], handled.returncode) == ("held", "leave", 1)
    assert told["would"] == "wait, then continue"
    assert "would_hold" in handled.stderr
    assert "abandon" not in re.search(r"dry_run.*", handled.stderr)[0].replace("continue or abandon", "")


def test_a_dry_run_of_a_hook_that_waits_does_not_say_that_it_does_not(simulator, configured, tmp_path):
    fleet = Fleet(simulator)
    message = tmp_path / "message.json"
    message.write_text(fleet.end_as_received_before(fleet.instances()[0]))

    handled = lifehook("handle", "-c", configured(GOOD), message, "--dry-run", env=aws_environment(simulator.url), timeout=60)

    told = json.loads(handled.stdout)
    assert (told["outcome"], told["would"], "in_the_wait" in told) == ("done", "continue", False)


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

    assert (json.loads(handled.stdout)["outcome"], handled.returncode) == ("malformed", 1)


def test_handle_does_not_read_what_has_no_end(configured):
    handled = lifehook("handle", "-c", configured(GOOD), "/dev/zero", "--dry-run", timeout=20)

    assert (handled.returncode, handled.stdout) == (2, "")
    assert "larger than 1 MiB" in handled.stderr
