"""`lifehook check --aws` where AWS does not answer, or denies: what is known is said all the same."""

import socket

import pytest

import aws
import processes
from checking import asked, lines
from processes import aws_environment, lifehook
from simulator import Fleet
from worker import CONFIG


@pytest.fixture
def fleet(simulator):
    return Fleet(simulator, heartbeat=300)


@pytest.mark.parametrize("kind", ["access_denied", "throttle"])
def test_hooks_that_aws_does_not_show_are_said_once(simulator, fleet, tmp_path, kind):
    for name in ("web-1", "web-2"):
        aws.make_group(fleet.aws.autoscaling, name, 0)
    simulator.faults({"action": "DescribeLifecycleHooks", "kind": kind})

    ran = asked(tmp_path, simulator.url, fleet.queue)

    (wrong,) = lines(ran, "wrong")
    assert ran.returncode == 1
    assert wrong.startswith("web-1: lifecycle hooks: ")
    assert wrong.endswith("; those of 2 more are not looked at")


def test_what_is_known_is_said_while_the_next_is_waited_for(simulator, fleet, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(queue=fleet.queue, hold="1h", port=0, stop_timeout="10s"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = aws_environment(simulator.url) | {"AWS_ENDPOINT_URL_ECS": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        with processes.Process([processes.BINARY, "check", "-c", path, "--aws"], env=env) as ran:
            processes.eventually(lambda: any(line.startswith("fine: queue life") for line in ran.lines), within=8)
            ran.terminate()
            assert ran.exit_code(5) == 1


def test_keys_that_aws_does_not_take_are_said_and_nothing_else(simulator, fleet, tmp_path):
    simulator.faults({"action": "GetCallerIdentity", "kind": "expired_credentials"})

    ran = asked(tmp_path, simulator.url, fleet.queue)

    (wrong,) = lines(ran, "wrong")
    assert ran.returncode == 1
    assert wrong.startswith("credentials: ")
    assert lines(ran, "fine") == []


def test_an_aws_that_does_not_answer_is_said_within_its_time(tmp_path):
    ran = asked(tmp_path, "http://127.0.0.1:9", "https://sqs.eu-west-1.amazonaws.com/111122223333/life")

    assert ran.returncode == 1
    assert lines(ran, "wrong")[0].startswith("queue life: ")


@pytest.mark.parametrize("kind", ["reset", "throttle", "server_error"])
def test_a_network_without_a_way_to_sts_is_one_a_worker_works_in(simulator, fleet, tmp_path, kind):
    simulator.faults({"action": "GetCallerIdentity", "kind": kind})

    ran = asked(tmp_path, simulator.url, fleet.queue)

    assert (ran.returncode, lines(ran, "wrong")) == (0, [])
    assert any(line.startswith("who we are is not known, which a worker can do without: sts ") for line in lines(ran, "warning"))
    assert any("hook drain-hook: answered" in line for line in lines(ran, "fine"))


def test_no_credentials_are_said_and_nothing_else(simulator, fleet, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(queue=fleet.queue, hold="1h", port=0, stop_timeout="10s"))
    nobody = processes.clean_environment(AWS_ENDPOINT_URL=simulator.url, AWS_REGION="eu-west-1", HOME=str(tmp_path))

    ran = lifehook("check", "-c", path, "--aws", env=nobody)

    (wrong,) = lines(ran, "wrong")
    assert ran.returncode == 1
    assert wrong.startswith("credentials: ")
