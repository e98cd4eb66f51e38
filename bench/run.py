"""./dev bench: what a hook costs lifehook, and a boto3 worker beside it; writes bench/README.md. --smoke: small, no page."""

import argparse
import contextlib
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/conformance"))

import aws  # noqa: E402
import measure  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
from first_call import FirstCall  # noqa: E402
from processes import eventually  # noqa: E402
from simulator import Fleet, Simulator  # noqa: E402
from worker import Worker  # noqa: E402

CONFIG = """\
queues:
  - {{url: "{queue}", in_hand: 20000, hold: {hold}, pollers: 4}}
status: {{listen: "127.0.0.1:{port}"}}
stop_timeout: {stop_timeout}
log: {{level: warn}}
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain*"]
    deadline: 10h
    terminating:
      - drain_ecs: {{cluster: prod, timeout: 9h}}
"""

FULL = dict(rounds=3, hooks=4000, boto3_hooks=800, held=10000, starts=21)
SMOKE = dict(rounds=1, hooks=200, boto3_hooks=40, held=200, starts=3)


def lifehook_worker(directory, endpoint, queue):
    with measure.on_core(measure.CLIENT_CORE):
        return Worker(directory, endpoint, queue, config=CONFIG)


def boto3_worker(directory, endpoint, queue):
    program = ROOT / "bench/boto3_worker.py"
    with measure.on_core(measure.CLIENT_CORE):
        env = processes.aws_environment(endpoint) | {"AWS_DEFAULT_REGION": processes.REGION}
        return processes.Process([sys.executable, program, queue, "prod"], env=env)


@contextlib.contextmanager
def fleet_of(count):
    with measure.on_core(measure.SERVER_CORE):
        with Simulator() as simulator:
            yield simulator, Fleet(simulator, count=count, heartbeat=7200)


def worker_calls(simulator):
    """All calls but those this program makes to see how far the worker is."""
    ours = ("sqs.GetQueueAttributes", "autoscaling.SetDesiredCapacity")
    return sum(made for name, made in simulator.calls().items() if name not in ours)


def receives(simulator):
    return simulator.calls().get("sqs.ReceiveMessage", 0)


def job(start, directory, count):
    """`count` instances end at once: how fast, and at what cost, are their hooks completed."""
    with fleet_of(count) as (simulator, fleet), start(directory, simulator.url, fleet.queue) as worker:
        eventually(lambda: receives(simulator), 20, what="the worker's first poll")
        time.sleep(1)
        calls_before, cpu_before, began = worker_calls(simulator), measure.cpu_seconds(worker.pid), time.monotonic()
        fleet.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=fleet.group, DesiredCapacity=0)

        def finished():
            if simulator.calls().get("autoscaling.CompleteLifecycleAction", 0) < count:
                return False
            return aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 0)

        eventually(finished, 600, 0.1, f"{count} hooks completed")
        took, cost = time.monotonic() - began, measure.cpu_seconds(worker.pid) - cpu_before
        calls = worker_calls(simulator) - calls_before
        return dict(hooks=count, rate=count / took, cpu=cost / count * 1000, calls=calls / count)


def median(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def idle_memory(start, directory):
    with fleet_of(0) as (simulator, fleet), start(directory, simulator.url, fleet.queue) as worker:
        eventually(lambda: receives(simulator), 20, what="the worker's first poll")
        time.sleep(5)
        return measure.memory_mib(worker.pid)


def draining(fleet):
    pages = fleet.aws.ecs.get_paginator("list_container_instances").paginate(cluster="prod", status="DRAINING")
    return sum(len(page["containerInstanceArns"]) for page in pages)


def busy_memory(directory, count):
    """Resident and peak with `count` hooks in hand, each waiting for a task that does not stop."""
    with fleet_of(count) as (simulator, fleet):
        arns = list(fleet.container_instances.values())
        for n in range(0, count, 10):
            fleet.aws.ecs.start_task(cluster="prod", taskDefinition="web", containerInstances=arns[n : n + 10])
        with lifehook_worker(directory, simulator.url, fleet.queue) as worker:
            worker.ready()
            fleet.aws.autoscaling.set_desired_capacity(AutoScalingGroupName=fleet.group, DesiredCapacity=0)
            eventually(lambda: worker.metric("lifehook_hooks_held") == count, 300, 0.5, f"{count} hooks held")
            eventually(lambda: draining(fleet) == count, 300, 2, "all draining")
            time.sleep(10 if count > 1000 else 2)
            assert simulator.calls().get("autoscaling.CompleteLifecycleAction", 0) == 0
            return measure.memory_mib(worker.pid), measure.memory_mib(worker.pid, "VmHWM")


def first_calls(start, directory, times):
    with measure.on_core(measure.SERVER_CORE):
        server = FirstCall()
        return [server.milliseconds(lambda: start(directory, server.url, f"{server.url}/111122223333/life")) for _ in range(times)]


def say(what, *figures):
    print(f"{what}:", *figures, flush=True)


def measure_all(size, directory):
    figures = dict(machine=measure.machine(), server_core=measure.SERVER_CORE, client_core=measure.CLIENT_CORE)
    ours, theirs = [], []
    for _ in range(size["rounds"]):
        ours.append(job(lifehook_worker, directory, size["hooks"]))
        say("lifehook", ours[-1])
        theirs.append(job(boto3_worker, directory, size["boto3_hooks"]))
        say("boto3", theirs[-1])
    figures.update(rounds=size["rounds"], lifehook=median(ours), boto3=median(theirs))
    starts = first_calls(lifehook_worker, directory, size["starts"])
    figures.update(first=statistics.median(starts), slowest=max(starts), starts=size["starts"])
    figures["boto3_first"] = statistics.median(first_calls(boto3_worker, directory, 3))
    say("first call, ms", figures["first"], figures["slowest"], "boto3", figures["boto3_first"])
    figures.update(idle=idle_memory(lifehook_worker, directory), boto3_idle=idle_memory(boto3_worker, directory))
    say("idle, MiB", figures["idle"], "boto3", figures["boto3_idle"])
    figures["busy"], figures["peak"] = busy_memory(directory, size["held"])
    say("in hand", size["held"], "MiB", figures["busy"], "peak", figures["peak"])
    return figures | {"held": size["held"]}


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--smoke", action="store_true", help="small sizes, a few seconds, no page")
    smoke = asked.parse_args().smoke
    with tempfile.TemporaryDirectory() as directory:
        figures = measure_all(SMOKE if smoke else FULL, pathlib.Path(directory))
    if not smoke:
        report.write(ROOT / "bench/README.md", **figures)
        print("written: bench/README.md")


if __name__ == "__main__":
    main()
