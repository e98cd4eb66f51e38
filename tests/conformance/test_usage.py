"""The command line itself: help, version, wrong usage, and what `lifehook simulate` says of itself."""

import subprocess

import pytest

from processes import BINARY, ROOT, Process, clean_environment, eventually, lifehook


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["handle"], ["hooks"], ["simulate"], ["demo"], ["version"]])
def test_help_is_everywhere(command):
    helped = lifehook(*command, "--help")

    assert (helped.returncode, helped.stderr) == (0, "")
    assert " ".join(["Usage: lifehook", *command]) in helped.stdout


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run"], ["run", "--nonsense"], ["handle", "-c", "x.yaml"]])
def test_wrong_usage_exits_2_and_says_why(arguments):
    ended = lifehook(*arguments)

    assert ended.returncode == 2
    assert ended.stderr.strip()


def test_alone_it_names_its_commands():
    said = lifehook().stderr

    assert all(command in said for command in ("run", "check", "policy", "handle", "hooks", "simulate", "demo", "version"))


@pytest.mark.parametrize("arguments, limit", [(["--port", "99999"], "65535"), (["--port", "-1"], "65535"), (["--seed", "-1"], "0")])
def test_a_number_out_of_its_range_is_refused_with_the_range(arguments, limit):
    ended = lifehook("simulate", *arguments)

    assert ended.returncode == 2
    assert limit in ended.stderr


def test_a_configuration_comes_from_standard_input():
    ended = lifehook("check", "-c", "-", input=(ROOT / "config.example.yaml").read_text())

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "-: configuration is valid" in ended.stdout


def test_an_unknown_command_is_told_the_nearest():
    ended = lifehook("runn", "-c", "config.yaml")

    assert ended.returncode == 2
    assert 'did you mean "run"?' in ended.stderr


def test_an_unknown_option_is_told_the_nearest_also_where_another_is_missing():
    ended = lifehook("check", "--stirct")

    assert ended.returncode == 2
    assert '"--stirct" is no option of lifehook check; did you mean "--strict"?' in ended.stderr


@pytest.mark.parametrize(
    "command", [["version"], ["check", "-c", ROOT / "config.example.yaml"], ["handle", "-c", ROOT / "config.example.yaml", "-"]]
)
def test_what_nobody_could_read_was_not_said(command):
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [BINARY, *command], stdout=full, stderr=subprocess.PIPE, input="hello", text=True, env=clean_environment(), timeout=20
        )

    assert ended.returncode == 1
    assert "standard output cannot be written" in ended.stderr


@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_a_speed_is_a_number(command):
    ended = lifehook(command, "--speed", "nan")

    assert ended.returncode == 2
    assert "nan" in ended.stderr


def test_simulate_listens_on_localhost():
    with Process([BINARY, "simulate", "--address", "localhost", "--port", "0"]) as running:
        assert running.first_line().startswith("listening on http://127.0.0.1:")


def test_simulate_names_all_its_services():
    services = "SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, SNS, STS"

    with Process([BINARY, "simulate", "--port", "0"]) as running:
        eventually(lambda: any(services in line for line in running.lines), what="its services on the banner")
    assert services in " ".join(lifehook("simulate", "--help").stdout.split())


def test_simulate_says_that_a_worker_does_not_run_as_fast():
    with Process([BINARY, "simulate", "--port", "0", "--speed", "20"]) as running:
        eventually(lambda: any("run out 20 times sooner" in line for line in running.lines), what="a word on the speed")


def test_simulate_says_what_an_address_is():
    ended = lifehook("simulate", "--address", "my-machine")

    assert ended.returncode == 2
    assert "127.0.0.1" in ended.stderr


def test_simulate_fails_when_its_port_is_taken_and_names_it(simulator):
    number = simulator.url.rsplit(":", 1)[1]

    ended = lifehook("simulate", "--port", number)

    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{number}" in ended.stderr
