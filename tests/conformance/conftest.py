"""Fixtures: every server on a free port of 127.0.0.1, every program ended with its test, every test bounded."""

import sys

import pytest

import aws
import processes
from simulator import Simulator
from worker import Worker


def pytest_collection_modifyitems(items):
    for test in items:
        test.add_marker(pytest.mark.timeout(150, func_only=True))


@pytest.fixture(scope="session")
def moto_server():
    command = [sys.executable, str(processes.ROOT / "tests/conformance/moto_server.py")]
    with processes.Process(command) as server:
        yield server.first_line()


@pytest.fixture
def moto(moto_server):
    """URL of a moto without anything in it."""
    processes.post(f"{moto_server}/moto-api/reset", {}, timeout=60)
    return moto_server


@pytest.fixture
def moto_world(moto):
    return aws.MotoWorld(moto)


@pytest.fixture
def simulator():
    with Simulator() as running:
        yield running


@pytest.fixture
def quick():
    """A simulator whose clock runs thirty times faster, for what AWS takes its time for."""
    with Simulator("--speed", "30") as running:
        yield running


@pytest.fixture
def configured(tmp_path):
    """Writes a configuration to a file."""

    def write(text, name="config.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def start_worker(tmp_path):
    """Starts workers; those still running at the end must have called nothing but what their policy allows, and are killed;
    their output is shown if the test failed."""
    started = []

    def start(endpoint, queue, wait=True, **settings):
        started.append(Worker(tmp_path, endpoint, queue, **settings))
        return started[-1].ready() if wait else started[-1]

    yield start
    not_allowed = [each.not_allowed() for each in started]
    for each in started:
        each.__exit__(True)
    assert not any(not_allowed), "called, but not allowed by the policy that `lifehook policy` prints"
