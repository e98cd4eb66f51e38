"""The programs that do the job: lifehook, its peers, and the floor. Each is started on the client's core."""

import dataclasses
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import image
import measure
import processes
from endpoint import AUTHORITY, BUILT
from processes import ROOT, eventually
from worker import Worker

# Templates for Worker, to be put together.
QUEUE = """\
queues:
  - {{url: "{queue}", in_hand: 120000, hold: {hold}, pollers: POLLERS}}
status: {{listen: "127.0.0.1:{port}"}}
stop_timeout: {stop_timeout}
log: {{level: LEVEL}}
"""
UNLIMITED = """\
budget:
  limits:  # AWS's own would be the limit: UpdateContainerInstancesState by ten, forty times a second
    ecs_read: {{burst: 100000, per_second: 100000}}
    ecs_modify: {{burst: 100000, per_second: 100000}}
"""
GROUP = """\
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain*"]
    deadline: 10h
    terminating:
      - drain_ecs: {{cluster: prod, timeout: 9h, empty_for: 0s}}
"""

PEERS = ROOT / "build/peers"
NODE, GO = PEERS / "node", PEERS / "go/worker"
OLDEST_NODE = 20


def queue_at(url):
    return f"{url}/111122223333/life"


def trust(url):
    """Environment of a client that is to believe the endpoint's certificate, in the words of the SDKs and of Node."""
    return {"AWS_CA_BUNDLE": str(AUTHORITY), "NODE_EXTRA_CA_CERTS": str(AUTHORITY)} if url.startswith("https") else {}


def lifehook(directory, url, parallel, queue=None, config=QUEUE + UNLIMITED + GROUP, level="warn", **more):
    config = config.replace("POLLERS", str(parallel)).replace("LEVEL", level)
    with measure.on_core(measure.CLIENT_CORE):
        return Worker(directory, url, queue or queue_at(url), config=config, more_env=image.environment() | trust(url), **more)


def patient(worker, name, **labels):
    """A metric of a worker that may be too busy to be asked for seconds."""

    def look():
        try:
            return [worker.metric(name, **labels)]
        except OSError:
            return None

    return eventually(look, 120, 0.5, f"an answer about {name}")[0]


def other(*command):
    """Starts a program that is told the queue, the cluster and how much to do at once."""

    def start(_, url, parallel):
        env = processes.aws_environment(url) | {"AWS_DEFAULT_REGION": processes.REGION} | trust(url)
        with measure.on_core(measure.CLIENT_CORE):
            return processes.Process([*command, queue_at(url), "prod", str(parallel)], env=env)

    return start


def floor(batch, program="bench_floor"):
    def start(_, url, parallel):
        asked = ["--port", url.rsplit(":", 1)[1], "--batch", str(batch), "--lanes", str(parallel)]
        with measure.on_core(measure.CLIENT_CORE):
            return processes.Process([BUILT / program, *asked])

    return start


def node_binary():
    """The pinned one where ./dev had to install it, else the machine's if it is new enough."""
    pinned = sorted(NODE.glob("node_modules/node-linux-*/bin/node"))
    found = str(pinned[0]) if pinned else shutil.which("node")
    if not found:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout.strip()
    return found if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST_NODE else None


def missing_node():
    if not node_binary():
        return f"no Node {OLDEST_NODE} or newer"
    return None if (NODE / "node_modules/sqs-consumer").is_dir() else f"{NODE.relative_to(ROOT)} is not installed"


def missing_go():
    return None if GO.exists() else f"{GO.relative_to(ROOT)} is not built"


@dataclasses.dataclass
class Client:
    """`parallel`, `parallel_late`: pollers, consumers, threads or lanes, with answers at once and with late ones."""

    name: str
    start: Callable
    parallel: int
    parallel_late: int
    share: float = 1  # of the hooks that lifehook is given: the slow ones need not be measured as long
    missing: str | None = None


def clients():
    node = node_binary() or "node"
    return [
        Client("lifehook", lifehook, 4, 20),
        Client("Go", other(GO), 16, 128, 0.5, missing_go()),
        Client("Node", other(node, NODE / "worker.mjs"), 16, 128, 0.25, missing_node()),
        Client("boto3", other(sys.executable, pathlib.Path(__file__).with_name("boto3_worker.py")), 1, 32, 0.05),
    ]


def floors():
    return [
        Client("floor, unbatched", floor(1), 16, 2000),
        Client("floor, batched by 100", floor(100), 16, 400),
        Client("floor, unbatched, by libcurl", floor(1, "bench_floor_transport"), 16, 400, 0.5),
    ]
