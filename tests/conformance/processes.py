"""Programs under test, their output, and waiting for things with a bound."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build/release"
BINARY = pathlib.Path(os.environ.get("LIFEHOOK", BUILT / "lifehook"))
SHIPPED = BINARY if "LIFEHOOK" in os.environ else BUILT / "lifehook_slim"  # what the image has of it
REGION = "eu-west-1"
sys.path.insert(0, str(ROOT / "tests/structure"))  # what is known of IAM


def eventually(look, within=30.0, every=0.05, what=""):
    """Looks until the answer is true, and returns it; fails after `within` seconds."""
    end = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"not within {within} s: {what or look}"
        time.sleep(every)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def clean_environment(**more):
    """Ours without anything that would change how AWS is reached."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and "proxy" not in k.lower()}
    return kept | {"AWS_EC2_METADATA_DISABLED": "true"} | more


def aws_environment(endpoint, caller="AKIDWORKER"):
    return clean_environment(
        AWS_ENDPOINT_URL=endpoint, AWS_REGION=REGION, AWS_ACCESS_KEY_ID=caller, AWS_SECRET_ACCESS_KEY="secret"
    )


def lifehook(*arguments, env=None, timeout=20, binary=BINARY, **more):
    """Runs a command of the program to its end."""
    return subprocess.run(
        [binary, *arguments], env=env or clean_environment(), capture_output=True, text=True, timeout=timeout, **more
    )


class Process:
    """A program that runs beside the test; its output is read as it comes. Killed, if it must be, at the end."""

    def __init__(self, command, env=None):
        self.lines = []
        self.child = subprocess.Popen(
            command, env=env or clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(10)
        self.reader.join(10)
        if failed:
            print("\n".join(self.lines[-200:]))

    @property
    def pid(self):
        return self.child.pid

    def signal(self, number):
        self.child.send_signal(number)

    def terminate(self):
        self.signal(signal.SIGTERM)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait(10)

    def exit_code(self, within):
        code = self.child.wait(within)
        self.reader.join(10)
        return code

    def first_line(self, within=60):
        eventually(lambda: self.lines or self.child.poll() is not None, within, what="first line of output")
        assert self.lines, f"ended with {self.child.returncode} and no output"
        return self.lines[0]


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def post(url, body, timeout=5):
    asked = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(asked, timeout=timeout) as answer:
        return answer.read().decode()
