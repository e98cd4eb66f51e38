"""What a worker has in hand, and why it does not go on: /hooks, and `lifehook hooks` that asks a running worker for it."""

import json

import pytest

import processes
from processes import eventually, lifehook
from simulator import Fleet

ONE_TASK = "tasks: 1 running, 0 pending, 0 stopping"


@pytest.fixture
def held(simulator, start_worker):
    """A worker whose only hook is kept open by a standalone task."""
    fleet = Fleet(simulator)
    fleet.ending = fleet.instances()[0]
    fleet.task = fleet.start_task(fleet.ending)
    fleet.message = json.loads(fleet.end_as_received_before(fleet.ending))
    fleet.worker = start_worker(simulator.url, fleet.queue)
    eventually(lambda: fleet.status(fleet.ending) == "DRAINING", what="DRAINING")
    eventually(lambda: (reason(fleet, "progress") or {}).get("text") == ONE_TASK, what="the task")
    eventually(lambda: fleet.worker.metric("lifehook_heartbeats_total", outcome="done"), what="a heartbeat")
    return fleet


def page(fleet):
    return json.loads(processes.get(f"http://127.0.0.1:{fleet.worker.port}/hooks"))


def reason(fleet, what):
    """The reason of that kind of the only step that runs, if it is given."""
    found = [why for event in page(fleet)["events"] for step in event["steps"] for why in step["why"] if why["what"] == what]
    return found[0] if found else None


def asked(fleet, *arguments):
    return lifehook("hooks", "--status", f"127.0.0.1:{fleet.worker.port}", *arguments)


def test_the_page_tells_of_a_hook_that_is_held(held):
    seen = page(held)

    assert (seen["in_hand"], seen["listed"]) == (1, 1)
    (event,) = seen["events"]
    assert (event["event"], event["group"], event["scaling_group"]) == ("terminating", "web", held.group)
    assert (event["instance"], event["hook"], event["stage"]) == (held.ending, held.hook, "steps")
    assert event["token"] == held.message["LifecycleActionToken"][:8]
    assert event["proven_open"] and 0 <= event["last_heartbeat_seconds"] <= 30
    assert 0 < event["deadline_seconds"] <= 600
    (step,) = event["steps"]
    assert (step["step"], step["timeout_seconds"]) == ("drain_ecs/1.1", 300)
    assert reason(held, "progress")["text"] == ONE_TASK


def test_what_aws_denies_is_told_with_its_words_until_it_is_over(simulator, held):
    simulator.faults({"kind": "access_denied", "service": "ecs"})
    denied = eventually(lambda: reason(held, "outage"), what="an outage")
    told = asked(held)
    simulator.faults()

    assert denied["meaning"] == "denied"
    assert "AccessDeniedException" in denied["text"]
    assert "(denied), looking at the container instance: " in told.stdout
    eventually(lambda: not reason(held, "outage"), what="the end of the outage")


def test_the_command_prints_a_table_of_it(held):
    told = lifehook("hooks", "-c", held.worker.file, env=held.worker.environment)

    assert (told.returncode, told.stderr) == (0, "")
    head, row, step, why = told.stdout.splitlines()
    assert head.split() == ["LEFT", "IN", "HAND", "BEAT", "TIMER", "EVENT", "GROUP", "INSTANCE", "HOOK", "TOKEN"]
    assert row.split()[4:] == ["terminating", "web", held.ending, held.hook, held.message["LifecycleActionToken"][:8]]
    assert step.strip().startswith("drain_ecs/1.1, running for ")
    assert why.strip() == ONE_TASK


def test_the_command_prints_the_page_as_it_is_and_no_whole_token(held):
    told = asked(held, "--json")

    assert told.returncode == 0
    assert json.loads(told.stdout)["events"][0]["instance"] == held.ending
    assert held.message["LifecycleActionToken"] not in told.stdout + asked(held).stdout


def test_nothing_in_hand_is_said(simulator, start_worker):
    fleet = Fleet(simulator)
    fleet.worker = start_worker(simulator.url, fleet.queue)

    told = asked(fleet)

    assert (told.returncode, told.stdout) == (0, "nothing in hand\n")


def test_where_nobody_listens_it_fails_and_says_where_it_asked():
    place = f"127.0.0.1:{processes.free_port()}"

    told = lifehook("hooks", "--status", f"http://{place}/hooks")

    assert (told.returncode, told.stdout) == (1, "")
    assert f"no worker answers at {place}" in told.stderr


def test_what_is_no_worker_is_not_taken_for_one(simulator):
    told = lifehook("hooks", "--status", simulator.url)

    assert (told.returncode, told.stdout) == (1, "")
    assert "it is no worker of this version" in told.stderr


@pytest.mark.parametrize("arguments", [["--status", "nowhere"], ["-c", "missing.yaml"], ["--nonsense"], ["now"]])
def test_wrong_usage_exits_2(arguments):
    told = lifehook("hooks", *arguments)

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.strip()
