"""`lifehook run` as its user runs it, the program of the image: a configuration file, environment, signals, logs and metrics."""

import json
import re
import urllib.error

import processes
from iam import actions_in, actions_of, operation
from processes import eventually

CONFIG = """\
queues:
  - url: {queue}
    hold: {hold}
    visibility: 10s
status: {{listen: "127.0.0.1:{port}"}}
stop_timeout: {stop_timeout}
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain*"]
    deadline: 10m
    terminating:
      - drain_ecs: {{cluster: prod, timeout: 5m}}
"""

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Worker(processes.Process):
    """Several may run at once: each has a name, which is its access key too, so that a server can tell them apart."""

    def __init__(
        self, directory, endpoint, queue, name="AKIDWORKER", hold="1h", stop_timeout="10s", config=CONFIG, more_env=None, more=()
    ):
        self.port = processes.free_port()
        self.file = directory / f"{name}.yaml"
        self.file.write_text(config.format(queue=queue, hold=hold, port=self.port, stop_timeout=stop_timeout))
        self.environment = processes.aws_environment(endpoint, caller=name) | (more_env or {})
        super().__init__([processes.SHIPPED, "run", "-c", self.file, *more], env=self.environment)

    def ready(self):
        eventually(lambda: self.child.poll() is not None or self.answers("readyz"), 40, what="worker ready")
        assert self.child.poll() is None, "the worker has ended:\n" + "\n".join(self.lines)
        return self

    def answers(self, path):
        try:
            return processes.get(f"http://127.0.0.1:{self.port}/{path}")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def scrape(self):
        return processes.get(f"http://127.0.0.1:{self.port}/metrics")

    def settled(self, disposition="remove"):
        return self.metric("lifehook_messages_settled_total", disposition=disposition)

    def metric(self, name, **labels):
        """The sum of a metric's samples that have these labels."""
        return sum(value for of, value in self.samples(name) if labels.items() <= of.items())

    def samples(self, name):
        """(labels, value) of each of a metric's samples."""
        for line in self.scrape().splitlines():
            sample = SAMPLE.match(line)
            if sample and sample[1] == name:
                yield dict(LABEL.findall(sample[2] or "")), float(sample[3])

    def not_allowed(self):
        """What it has called that the policy `lifehook policy` prints for it does not allow; nothing once it has ended."""
        if not self.answers("healthz"):
            return set()
        called = {operation(of["service"], of["operation"]) for of, _ in self.samples("lifehook_aws_requests_total")}
        printed = processes.lifehook("policy", "-c", self.file, env=self.environment)
        return actions_of(called) - actions_in(json.loads(printed.stdout))

    def until_looked(self, count):
        """Until it has asked ECS so many times more."""
        asked = self.metric("lifehook_aws_requests_total", service="ecs")
        more = lambda: self.metric("lifehook_aws_requests_total", service="ecs") >= asked + count
        eventually(more, 40, what="ECS calls")

    def logs(self, **fields):
        """Log lines with these fields."""
        return [line for line in map(json.loads, self.json_lines()) if fields.items() <= line.items()]

    def json_lines(self):
        return [line for line in self.lines if line.startswith("{")]
