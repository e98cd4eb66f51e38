"""/metrics as Prometheus reads it: promtool is content, and every metric of the contract is there after a drain."""

import shutil
import subprocess
import urllib.error

import pytest

import processes
from processes import eventually
from simulator import Fleet
from worker import LABEL, SAMPLE

PROMISED = """
    lifehook_messages_received_total{queue} lifehook_messages_settled_total{queue,disposition}
    lifehook_events_total{event,group,outcome} lifehook_event_age_seconds_count{event}
    lifehook_hooks_held{group,transition} lifehook_hooks_completed_total{group,transition,result}
    lifehook_heartbeats_total{group,outcome} lifehook_nearest_deadline_seconds{}
    lifehook_step_duration_seconds_count{step,outcome} lifehook_steps_total{step,group,outcome}
    lifehook_aws_requests_total{service,operation,code} lifehook_aws_request_duration_seconds_count{service,operation}
    lifehook_aws_throttle_wait_seconds_total{service} lifehook_queue_messages{queue,state}
    lifehook_credentials_expiry_timestamp_seconds{} lifehook_build_info{version,commit}
    process_cpu_seconds_total{} process_resident_memory_bytes{} process_virtual_memory_bytes{} process_open_fds{}
    process_max_fds{} process_start_time_seconds{}
""".split()


def promised():
    for each in PROMISED:
        name, _, labels = each.partition("{")
        yield name, set(filter(None, labels.rstrip("}").split(",")))


@pytest.fixture
def drained(simulator, start_worker):
    """A worker that has completed two hooks, one of them after a heartbeat and a throttled call."""
    fleet = Fleet(simulator)
    ending, another = fleet.instances()
    task = fleet.start_task(ending)
    fleet.end_as_received_before(ending)
    simulator.faults({"kind": "throttle", "service": "ecs"})
    worker = start_worker(simulator.url, fleet.queue)
    eventually(lambda: worker.metric("lifehook_heartbeats_total", outcome="done"), 25, what="a heartbeat")
    throttled = dict(service="ecs", code="ThrottlingException")
    eventually(lambda: worker.metric("lifehook_aws_requests_total", **throttled), 10, what="a throttled call")
    simulator.faults()
    fleet.stop_task(task)
    fleet.end(another)  # the first that a worker receives: only then its age is counted
    eventually(lambda: worker.metric("lifehook_hooks_completed_total") == 2, 30, what="completion")
    return worker


def test_every_metric_of_the_contract_is_there_and_promtool_is_content(drained):
    text = eventually(lambda: drained.settled() and drained.scrape(), what="settling")

    checked = subprocess.run([shutil.which("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    seen = {}
    for line in text.splitlines():
        if sample := SAMPLE.match(line):
            seen.setdefault(sample[1], set()).update(name for name, _ in LABEL.findall(sample[2] or ""))
    missing = {name: labels for name, labels in promised() if seen.get(name) != labels}
    assert missing == {}, {name: seen.get(name) for name in missing}


def test_what_an_alert_looks_at_is_there_before_it_has_happened(simulator, start_worker):
    fleet = Fleet(simulator)

    text = start_worker(simulator.url, fleet.queue).scrape()

    samples = [SAMPLE.match(line) for line in text.splitlines()]
    seen = [(each[1], dict(LABEL.findall(each[2] or "")), float(each[3])) for each in samples if each]
    assert ("lifehook_events_total", {"event": "terminating", "group": "web", "outcome": "failed"}, 0.0) in seen
    assert ("lifehook_events_total", {"event": "terminating", "group": "web", "outcome": "standalone_task"}, 0.0) in seen
    assert ("lifehook_events_total", {"event": "malformed", "group": "", "outcome": "malformed"}, 0.0) in seen
    assert ("lifehook_heartbeats_total", {"group": "web", "outcome": "denied"}, 0.0) in seen
    ended_early = {"group": "web", "transition": "terminating", "result": "ended_early"}
    assert ("lifehook_hooks_completed_total", ended_early, 0.0) in seen


def test_no_label_holds_an_instance_or_a_token(drained):
    text = drained.scrape()

    tokens = {line["token"] for line in drained.logs(event="heartbeat")}
    assert tokens and all(len(each) == 8 for each in tokens)
    assert not any(each in text for each in ("i-0", *tokens))
    assert drained.metric("lifehook_hooks_held") == 0
    assert drained.metric("lifehook_nearest_deadline_seconds") == float("inf")


def test_health_and_readiness_answer(simulator, start_worker):
    fleet = Fleet(simulator, count=0)
    worker = start_worker(simulator.url, fleet.queue)

    base = f"http://127.0.0.1:{worker.port}"
    assert processes.get(f"{base}/healthz")
    assert processes.get(f"{base}/readyz")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        processes.get(f"{base}/nothing")
