"""deploy/examples/spot-ecs-deregistration.yaml: tasks leave a warned instance, and the instance its cluster, before AWS
takes it back at 120 s; what cannot be done by 110 s is told."""

import time

import pytest

import aws
from examples import example, is_drained, warn_of_spot, warning_body
from processes import eventually
from simulator import Fleet

NAME = "spot-ecs-deregistration"
DRAIN = "      - drain_ecs: {clusters: auto, mode: drain, timeout: 90s, on_error: next}\n"
DEREGISTER = "      - drain_ecs: {clusters: auto, mode: deregister, force: true, timeout: 15s}\n"
AS_IT_IS = example(NAME)
DRAINS_ONLY = example(NAME, (DEREGISTER, ""), (", on_error: next", ""))
DEREGISTERS_ONLY = example(NAME, (DRAIN, ""))
IMPATIENT = example(NAME, ("timeout: 90s", "timeout: 8s"))


def in_cluster(world):
    """Container instances by their EC2 instance."""
    arns = world.aws.ecs.list_container_instances(cluster="prod")["containerInstanceArns"]
    if not arns:
        return {}
    described = world.aws.ecs.describe_container_instances(cluster="prod", containerInstances=arns)
    return {each["ec2InstanceId"]: each["status"] for each in described["containerInstances"]}


def ended(worker):
    return worker.metric("lifehook_events_total", event="spot_interruption")


@pytest.fixture
def world(moto_world):
    """With other clusters beside the one that is looked for."""
    for name in ("another", "dev"):
        moto_world.aws.ecs.create_cluster(clusterName=name)
    return moto_world


def stop_all(world, tasks):
    for each in tasks:
        world.stop_task(each)


def test_tasks_leave_and_then_the_instance_its_cluster(world, start_worker):
    warned, staying = world.instances
    tasks = world.start_tasks(warned, 2)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    eventually(lambda: in_cluster(world) == {warned: "DRAINING", staying: "ACTIVE"}, 30, what="DRAINING")
    assert ended(worker) == 0
    stop_all(world, tasks)
    eventually(lambda: ended(worker) == 1 and is_drained(world), 40, what="the warning settled")
    assert in_cluster(world) == {staying: "ACTIVE"}
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)


def test_mode_drain_is_done_once_no_task_runs(world, start_worker):
    warned, staying = world.instances
    tasks = world.start_tasks(warned, 2)
    worker = start_worker(world.endpoint, world.queue, config=DRAINS_ONLY)

    began = time.monotonic()
    warn_of_spot(world, warned)
    eventually(lambda: in_cluster(world)[warned] == "DRAINING", 30, what="DRAINING")
    world.stop_task(tasks[0])
    worker.until_looked(4)
    assert ended(worker) == 0, "settled while a task ran"
    world.stop_task(tasks[1])

    eventually(lambda: ended(worker) == 1 and is_drained(world), 40, what="the warning settled")
    assert in_cluster(world) == {warned: "DRAINING", staying: "ACTIVE"}
    assert worker.metric("lifehook_steps_total", step="drain_ecs", outcome="done") == 1
    assert time.monotonic() - began < 110


def test_mode_deregister_takes_the_instance_out_of_whichever_cluster_it_is_in(world, start_worker):
    warned, staying = world.instances
    world.start_tasks(warned, 1)
    worker = start_worker(world.endpoint, world.queue, config=DEREGISTERS_ONLY)

    warn_of_spot(world, warned)

    eventually(lambda: ended(worker) == 1 and is_drained(world), 30, what="the warning settled")
    assert in_cluster(world) == {staying: "ACTIVE"}


def test_an_instance_in_no_cluster_is_done(world, start_worker):
    warned, staying = world.instances
    world.aws.ecs.deregister_container_instance(
        cluster="prod", containerInstance=world.container_instances[warned], force=True
    )
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    warn_of_spot(world, warned)

    eventually(lambda: ended(worker) == 1 and is_drained(world), 30, what="the warning settled")
    assert in_cluster(world) == {staying: "ACTIVE"}
    assert worker.metric("lifehook_steps_total", step="drain_ecs", outcome="skipped") == 2


@pytest.fixture
def busy(simulator):
    """A fleet whose first instance has a task that nobody stops."""
    fleet = Fleet(simulator)
    fleet.warned, fleet.staying = fleet.instances()
    fleet.task = fleet.start_task(fleet.warned)
    return fleet


def warn(fleet, age=0):
    fleet.aws.sqs.send_message(QueueUrl=fleet.queue, MessageBody=warning_body(fleet.warned, age))


def said_why(worker):
    return [line for line in worker.logs(event="step_ended", level="warn") if line["step"] == "drain_ecs"]


def test_a_task_that_never_stops_keeps_the_instance_in_its_cluster_no_longer_than_the_drain_may_take(busy, start_worker):
    worker = start_worker(busy.aws.endpoint, busy.queue, config=IMPATIENT)

    warn(busy)
    eventually(lambda: in_cluster(busy).get(busy.warned) == "DRAINING", 8, what="DRAINING")

    eventually(lambda: ended(worker) == 1 and is_drained(busy), 45, what="the warning settled")
    assert in_cluster(busy) == {busy.staying: "ACTIVE"}
    assert [line["outcome"] for line in said_why(worker)] == ["timeout"]


def test_a_drain_that_is_not_over_by_110_s_is_told_and_given_up(busy, start_worker):
    worker = start_worker(busy.aws.endpoint, busy.queue, config=DRAINS_ONLY)

    began = time.time()
    warn(busy, age=90)
    eventually(lambda: ended(worker) == 1 and is_drained(busy), 40, what="the warning settled")

    assert 18 < time.time() - began < 29, "110 s after the warning, of which 90 had passed"
    assert in_cluster(busy) == {busy.warned: "DRAINING", busy.staying: "ACTIVE"}
    assert [line["outcome"] for line in said_why(worker)] == ["timeout"]
    (window,) = worker.logs(event="window_ended", level="warn")
    assert (window["outcome"], window["step_outcome"]) == ("failed", "timeout")
    assert worker.metric("lifehook_events_total", event="spot_interruption", outcome="failed") == 1
    assert aws.queue_counts(busy.aws.sqs, busy.dead_letters) == (0, 0)
