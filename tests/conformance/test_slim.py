"""The program of the image, the same without the simulator: what it has, and what it says of what it has not."""

import pytest

import processes
from processes import BUILT, ROOT, eventually, lifehook
from simulator import Fleet

SLIM, WHOLE = BUILT / "lifehook_slim", BUILT / "lifehook"


def slim(*arguments, **more):
    return lifehook(*arguments, binary=SLIM, **more)


@pytest.mark.parametrize("arguments", [["version"], ["--version"], ["check", "-c", ROOT / "config.example.yaml"]])
def test_it_says_what_the_whole_program_says(arguments):
    said, whole = slim(*arguments), lifehook(*arguments, binary=WHOLE)

    assert (said.returncode, said.stdout, said.stderr) == (0, whole.stdout, "")


@pytest.mark.parametrize("arguments", [[], ["--port", "0"], ["--nonsense", "3", "check"]])
@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_a_command_that_it_has_not_is_found_elsewhere(command, arguments):
    ended = slim(command, *arguments)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{command} is not in this program" in ended.stderr
    for way in ("./dev build", "build/release/lifehook", "./dev demo", "docker build --target whole"):
        assert way in ended.stderr


@pytest.mark.parametrize("command", [[], ["simulate"], ["demo"]])
def test_its_help_says_so_too(command):
    helped = slim(*command, "--help")

    assert (helped.returncode, helped.stderr) == (0, "")
    assert "not in this program" in " ".join(helped.stdout.split())


def test_nothing_of_the_simulator_is_in_it():
    assert b"_simulator/" in WHOLE.read_bytes()
    assert b"_simulator/" not in SLIM.read_bytes()


def test_it_answers_a_hook(simulator, start_worker):
    fleet = Fleet(simulator)
    worker = start_worker(simulator.url, fleet.queue)
    instance = fleet.instances()[0]

    fleet.end(instance)

    eventually(lambda: fleet.gone(instance), 30, what="the hook completed")
    assert worker.child.args[0] == processes.SHIPPED
