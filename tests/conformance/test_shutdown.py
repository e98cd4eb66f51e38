"""What the queue is for: a worker may die, be stopped, or be kept from AWS, and every hook still ends as it should."""

import contextlib
import signal
import socket
import time

import pytest

import aws
from processes import eventually
from simulator import Fleet

SLACK = 2  # seconds a busy machine may take for what takes none


@pytest.fixture
def draining(simulator, start_worker):
    """A fleet whose first instance ends with one task on it, and a worker (named one) that has begun to drain it."""

    def begin(max_receive_count=10, **settings):
        fleet = Fleet(simulator, max_receive_count=max_receive_count)
        fleet.ending = fleet.instances()[0]
        fleet.task = fleet.start_task(fleet.ending)
        worker = start_worker(simulator.url, fleet.queue, name="one", **settings)
        fleet.end(fleet.ending)
        eventually(lambda: fleet.status(fleet.ending) == "DRAINING", 40, what="DRAINING")
        return fleet, worker

    return begin


def heartbeats(worker):
    return worker.metric("lifehook_heartbeats_total", outcome="done")


def completions(simulator):
    return simulator.calls().get("autoscaling.CompleteLifecycleAction", 0)


def finish(fleet, simulator):
    """Stops the task; the hook must be completed once, and the queue be empty."""
    assert fleet.waits(fleet.ending), "the hook has ended before its task"
    fleet.stop_task(fleet.task)
    eventually(lambda: fleet.gone(fleet.ending), 30, what="the end of the instance")
    eventually(lambda: aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 0), 30, what="an empty queue")
    assert completions(simulator) == 1
    assert aws.queue_counts(fleet.aws.sqs, fleet.dead_letters) == (0, 0)


def test_another_worker_goes_on_after_kill_9(simulator, draining, start_worker):
    fleet, first = draining()
    began = time.monotonic()

    first.kill()
    second = start_worker(simulator.url, fleet.queue, name="two")

    eventually(lambda: second.metric("lifehook_hooks_held", group="web") == 1, 40, what="the message's return")
    eventually(lambda: heartbeats(second), 28 - (time.monotonic() - began), what="a heartbeat before the hook's timeout")
    finish(fleet, simulator)


def test_sigterm_gives_the_message_back_in_time_and_another_worker_goes_on(simulator, draining, start_worker):
    # fleet.task may be the worker's own container: ECS stops it because its host drains
    fleet, worker = draining(stop_timeout="5s")
    beaten = simulator.calls().get("autoscaling.RecordLifecycleActionHeartbeat", 0)

    worker.terminate()

    assert worker.exit_code(within=5 + SLACK) == 0
    assert simulator.calls()["autoscaling.RecordLifecycleActionHeartbeat"] > beaten
    assert aws.queue_counts(fleet.aws.sqs, fleet.queue) == (1, 0)
    assert completions(simulator) == 0
    second = start_worker(simulator.url, fleet.queue, name="two")
    finish(fleet, simulator)
    assert second.metric("lifehook_hooks_completed_total", group="web") == 1


def test_a_message_that_has_left_its_queue_is_left_behind_by_a_worker_that_stops(simulator, draining):
    fleet, worker = draining()
    fleet.aws.sqs.purge_queue(QueueUrl=fleet.queue)

    worker.terminate()

    assert worker.exit_code(within=12) == 0
    assert [line["left_behind"] for line in worker.logs(event="stopped")] == [1]
    (given_up,) = worker.logs(event="settling_given_up")
    assert given_up["wanted"] == "give back"


def test_an_idle_worker_ends_at_once(simulator, start_worker):
    fleet = Fleet(simulator, count=0)
    worker = start_worker(simulator.url, fleet.queue)

    began = time.monotonic()
    worker.signal(signal.SIGINT)

    assert worker.exit_code(within=10) == 0
    assert time.monotonic() - began < SLACK


def test_sigterm_ends_in_time_though_aws_does_not_answer(simulator, draining):
    _, worker = draining(stop_timeout="4s")
    simulator.signal(signal.SIGSTOP)

    began = time.monotonic()
    worker.terminate()

    assert worker.exit_code(within=10) == 0
    assert time.monotonic() - began < 4 + SLACK


@pytest.fixture(params=["silent", "dropping"])
def black_hole(request):
    """URL of a port that takes every connection and never says a word, or that drops who wants one."""
    drops = request.param == "dropping"
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0 if drops else 1000))
        for _ in range(4 if drops else 0):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("after", [0.5, 7], ids=["while it starts", "while it works"])
def test_sigterm_ends_in_time_though_aws_has_never_answered(black_hole, start_worker, after):
    worker = start_worker(black_hole, f"{black_hole}/111122223333/life", stop_timeout="3s", wait=False)
    eventually(lambda: worker.answers("healthz"), 20, what="a first sign of life")
    time.sleep(after)
    assert not worker.answers("readyz")

    began = time.monotonic()
    worker.terminate()

    assert worker.exit_code(within=10) == 0
    assert time.monotonic() - began < 3 + SLACK


def test_sigterm_that_is_repeated_changes_nothing_and_a_second_sigint_ends_it_at_once(simulator, draining):
    _, worker = draining(stop_timeout="60s")
    simulator.signal(signal.SIGSTOP)  # AWS hangs, so a stop takes its time

    repeated = lambda: [line["signal"] for line in worker.logs(event="stopping_already")]
    for sent in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        worker.signal(sent)
        time.sleep(0.5)  # or the kernel may make one of two
    eventually(lambda: repeated() == ["SIGTERM", "SIGINT"], 10, what="what was repeated in the log")
    assert worker.child.poll() is None
    worker.signal(signal.SIGINT)

    assert worker.exit_code(within=10) == 1


def test_a_drain_without_hold_is_requeued_and_never_a_dead_letter(simulator, draining):
    fleet, worker = draining(max_receive_count=8, hold="0s")

    eventually(lambda: worker.settled("requeue") >= 2, 40, what="requeues")
    finish(fleet, simulator)

    assert worker.settled("requeue") <= 4, "given back after half of its receives"


def test_a_hook_is_held_while_ecs_denies_everything(simulator, start_worker):
    fleet = Fleet(simulator)
    fleet.ending = fleet.instances()[0]
    fleet.task = fleet.start_task(fleet.ending)
    simulator.faults({"kind": "access_denied", "service": "ecs"})
    fleet.end_as_received_before(fleet.ending)

    worker = start_worker(simulator.url, fleet.queue, name="one")
    eventually(lambda: heartbeats(worker), 25, what="a heartbeat")
    denied = lambda: any("AccessDenied" in line for line in map(str, worker.logs(level="error")))
    eventually(denied, 20, what="the refusal in the log")

    assert fleet.waits(fleet.ending)
    assert completions(simulator) == 0
    simulator.faults()
    eventually(lambda: fleet.status(fleet.ending) == "DRAINING", 40, what="DRAINING")
    finish(fleet, simulator)
