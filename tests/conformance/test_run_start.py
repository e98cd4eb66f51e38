"""How `lifehook run` starts and what it then says: what it refuses, its port, signals, and where its log goes."""

import json
import re
import signal
import subprocess

import pytest

from configuration import GOOD, with_queue
from processes import BINARY, aws_environment, eventually, free_port, get, lifehook
from worker import CONFIG


@pytest.fixture
def queue(simulator):
    return simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"]


def test_run_refuses_a_wrong_configuration(configured):
    path = configured(GOOD.replace("15m", "15"))

    ended = lifehook("run", "-c", path)

    assert ended.returncode == 2
    assert f"{path}:9:45" in ended.stderr


def test_run_refuses_a_queue_that_forgets_before_the_deadline(simulator, configured):
    short = simulator.aws.sqs.create_queue(QueueName="short", Attributes={"MessageRetentionPeriod": "300"})["QueueUrl"]

    ended = lifehook("run", "-c", configured(with_queue(short, free_port())), env=aws_environment(simulator.url))

    assert ended.returncode == 2
    assert "retention" in (ended.stdout + ended.stderr).lower()


def test_run_refuses_a_status_port_that_is_taken_and_names_the_setting(simulator, queue, configured):
    taken = simulator.url.rsplit(":", 1)[1]

    ended = lifehook("run", "-c", configured(with_queue(queue, taken)), env=aws_environment(simulator.url))

    assert ended.returncode == 2
    assert f"status.listen 127.0.0.1:{taken}: Address already in use" in ended.stderr


def test_a_signal_that_means_nothing_to_it_does_not_end_a_worker(simulator, queue, start_worker):
    worker = start_worker(simulator.url, queue)

    worker.signal(signal.SIGUSR1)
    worker.signal(signal.SIGUSR2)
    worker.terminate()

    assert worker.exit_code(within=12) == 0


def test_logs_are_json_lines_unless_text_is_asked_for(simulator, queue, start_worker):
    machine = start_worker(simulator.url, queue, name="json")
    person = start_worker(simulator.url, queue, name="text", config=CONFIG + "log: {{format: text}}\n")

    assert machine.lines
    assert all(isinstance(json.loads(line), dict) for line in machine.lines)
    assert person.lines
    assert not any(line.startswith("{") for line in person.lines)


def answer_of(port, path):
    """Empty as long as there is none."""
    try:
        return get(f"http://127.0.0.1:{port}/{path}")
    except OSError:
        return ""


@pytest.mark.parametrize("output", ["a full disk", "closed"])
def test_a_worker_whose_log_cannot_be_written_works_and_counts_what_is_lost(simulator, queue, configured, output):
    port = free_port()
    command = [BINARY, "run", "-c", configured(with_queue(queue, port))]
    if output == "closed":
        command = ["sh", "-c", 'exec "$0" "$@" >&- 2>&-', *command]
    lost = lambda: re.search(r"^lifehook_log_lines_dropped_total ([1-9]\d*)", answer_of(port, "metrics"), re.M)

    environment = aws_environment(simulator.url)
    with open("/dev/full", "w") as full, subprocess.Popen(command, stdout=full, env=environment) as worker:
        try:
            eventually(lambda: answer_of(port, "readyz") == "ready\n", 30, what="readiness")
            assert lost()
        finally:
            worker.terminate()
        assert worker.wait(15) == 0
