"""Example events-without-hook through the real binary: what AWS announces of an instance has it drained in time."""

import pytest

import aws
import events
from examples import example
from processes import eventually
from simulator import Fleet

ARN = "arn:aws:ec2:eu-west-1:111122223333:instance/"
DAY = 24 * 3600


class Announced(Fleet):
    """Three instances in cluster prod, and a queue that hears what AWS announces."""

    def __init__(self, simulator):
        super().__init__(simulator, count=3, max_receive_count=100)
        aws.make_table(self.aws.dynamodb)

    def tell(self, event):
        events.send(self.aws.sqs, self.queue, event)

    def statuses(self):
        return [self.status(each) for each in self.container_instances]

    def until_settled(self, worker, messages):
        eventually(lambda: worker.settled() == messages, 40, what=f"{messages} messages removed")
        eventually(lambda: aws.queue_counts(self.aws.sqs, self.queue) == (0, 0), 20, what="an empty queue")
        assert aws.queue_counts(self.aws.sqs, self.dead_letters) == (0, 0)


@pytest.fixture
def fleet(simulator):
    return Announced(simulator)


@pytest.fixture
def worker(simulator, fleet, start_worker):
    started = start_worker(simulator.url, fleet.queue, config=example("events-without-hook"))
    fleet.until_settled(started, 1)  # the test notification of its hook
    return started


ANNOUNCED = [
    ("eb-ec2-capacity-reservation-interruption", {}),
    ("eb-ec2-state-stopping", {"state": "stopping"}),
]


@pytest.mark.parametrize("sample, detail", ANNOUNCED, ids=[sample for sample, _ in ANNOUNCED])
def test_the_instance_is_drained_and_no_other(fleet, worker, sample, detail):
    ending = fleet.instances()[0]
    task = fleet.start_task(ending)

    fleet.tell(events.of_instance(sample, ending, **detail))

    eventually(lambda: fleet.status(ending) == "DRAINING", 30, what="DRAINING")
    assert aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 1), "given up while a task ran"
    fleet.stop_task(task)
    fleet.until_settled(worker, 2)
    assert fleet.statuses() == ["DRAINING", "ACTIVE", "ACTIVE"]
    assert fleet.lifecycle_state(ending) == "InService"


def test_an_instance_at_risk_is_replaced_drained_and_ended(fleet, worker):
    ending, *others = fleet.instances()
    task = fleet.start_task(ending)

    fleet.tell(events.of_instance("eb-ec2-rebalance-recommendation", ending))

    eventually(lambda: fleet.status(ending) == "DRAINING", 30, what="DRAINING")
    eventually(lambda: len(fleet.instances()) == 4, 30, what="the replacement")
    assert fleet.lifecycle_state(ending) == "InService", "ended while a task ran"
    fleet.stop_task(task)
    eventually(lambda: fleet.lifecycle_state(ending) == "Terminating:Wait", 40, what="its end, through its hook")
    assert [fleet.lifecycle_state(each) for each in others] == ["InService"] * 2


WITH_HOOK = {
    "deadline: 6h\n": "deadline: 6h\n"
    '    hooks: ["drain-hook"]\n'
    "    terminating:\n"
    "      - drain_ecs: {cluster: prod, timeout: 5h, look_interval: 30s}\n"
}


def test_the_end_of_an_instance_whose_hook_is_in_hand_ends_its_drain_at_once(simulator, fleet, start_worker):
    worker = start_worker(simulator.url, fleet.queue, config=example("events-without-hook", *WITH_HOOK.items()))
    ending = fleet.instances()[0]
    fleet.start_task(ending)
    fleet.end(ending)
    eventually(lambda: fleet.status(ending) == "DRAINING", 40, what="DRAINING")
    completed = lambda: simulator.calls().get("autoscaling.CompleteLifecycleAction", 0)
    assert completed() == 0

    fleet.aws.ec2.terminate_instances(InstanceIds=[ending])
    fleet.tell(events.of_instance("eb-ec2-state-terminated", ending, state="terminated"))

    eventually(completed, 8, what="completion before the next look, 30 s later")
    fleet.until_settled(worker, 3)
    assert worker.metric("lifehook_hooks_completed_total", group="web", transition="terminating") == 1


def test_a_scheduled_change_drains_each_affected_instance_told_by_id_or_by_arn(fleet, worker):
    by_id, by_arn, _ = fleet.instances()
    tasks = [fleet.start_task(each) for each in (by_id, by_arn)]

    fleet.tell(events.scheduled_change([by_id, ARN + by_arn], starts_in=DAY / 2))

    eventually(lambda: fleet.statuses() == ["DRAINING", "DRAINING", "ACTIVE"], 30, what="both DRAINING")
    fleet.stop_task(tasks[0])
    eventually(lambda: not fleet.aws.ecs.list_tasks(cluster="prod", containerInstance=fleet.container_instances[by_id])["taskArns"])
    assert aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 1), "removed before all of its instances were settled"
    fleet.stop_task(tasks[1])
    fleet.until_settled(worker, 2)


def foreign(_):
    return events.of_instance("eb-ec2-rebalance-recommendation", "i-00000000000000000")


def closed(instance):
    return events.scheduled_change([instance], starts_in=DAY / 2, statusCode="closed")


def backup(instance):
    """AWS Health tells another region too."""
    return events.scheduled_change([instance], starts_in=DAY / 2, backupEvent="true")


OF_NO_CONCERN = [
    (foreign, dict(event="rebalance_recommendation", outcome="foreign")),
    (closed, dict(event="health_closed", outcome="ignored")),
    (backup, dict(event="health_backup", outcome="ignored")),
]


@pytest.mark.parametrize("event, counted", OF_NO_CONCERN, ids=["foreign", "closed", "backup"])
def test_an_event_of_no_concern_is_removed_and_nothing_else_is_done(fleet, worker, event, counted):
    fleet.tell(event(fleet.instances()[0]))

    fleet.until_settled(worker, 2)
    assert fleet.statuses() == ["ACTIVE"] * 3
    assert worker.metric("lifehook_events_total", **counted) == 1


def test_a_copy_of_a_settled_change_does_nothing(fleet, worker):
    first, second, _ = fleet.instances()
    change = events.scheduled_change([first], starts_in=DAY / 2)
    fleet.tell(change)
    fleet.until_settled(worker, 2)
    assert fleet.statuses() == ["DRAINING", "ACTIVE", "ACTIVE"]
    arn = fleet.container_instances[first]
    fleet.aws.ecs.update_container_instances_state(cluster="prod", containerInstances=[arn], status="ACTIVE")

    change["id"] = aws.new_token()
    change["detail"] |= {"page": "2", "affectedEntities": [{"entityValue": first}, {"entityValue": ARN + second}]}
    fleet.tell(change)

    fleet.until_settled(worker, 3)
    assert fleet.statuses() == ["ACTIVE", "DRAINING", "ACTIVE"]


def test_a_change_two_days_ahead_is_kept_invisible_and_nothing_is_done_yet(fleet, worker):
    fleet.tell(events.scheduled_change([fleet.instances()[0]], starts_in=2 * DAY))

    eventually(lambda: worker.settled("requeue") == 1, 30, what="the message put off")

    assert aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 1)
    assert fleet.statuses() == ["ACTIVE"] * 3
    assert worker.settled() == 1


def test_a_change_that_is_nearly_a_day_ahead_waits_in_hand_and_drains_then(fleet, worker):
    ending = fleet.instances()[0]
    fleet.tell(events.scheduled_change([ending], starts_in=DAY + 8))
    eventually(lambda: worker.logs(event="waiting"), 30, what="the wait")
    assert fleet.status(ending) == "ACTIVE"

    eventually(lambda: fleet.status(ending) == "DRAINING", 40, what="DRAINING")

    assert worker.settled("requeue") == 0, "a receive is not spent on a few seconds"
    fleet.until_settled(worker, 2)
