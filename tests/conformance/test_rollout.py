"""Workers of two configurations on one queue, as while one is being deployed: what the older one has nobody for waits for the
newer one."""

import aws
from processes import eventually
from simulator import Fleet

OLD = """\
queues:
  - url: {queue}
status: {{listen: "127.0.0.1:{port}"}}
groups:
  - {{name: api, match: ["api-*"], hooks: [drain-hook], terminating: [{{wait: {{for: 1s}}}}]}}
"""
NEW = OLD + """\
  - {{name: web, match: ["web-*"], hooks: [drain-hook], terminating: [{{drain_ecs: {{cluster: prod}}}}]}}
"""


def test_a_hook_that_only_the_new_configuration_names_is_left_to_its_worker(simulator, start_worker):
    fleet = Fleet(simulator, heartbeat=120, max_receive_count=100)
    old = start_worker(simulator.url, fleet.queue, name="OLD", config=OLD)
    ending = fleet.instances()[0]
    task = fleet.start_task(ending)

    fleet.aws.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=ending, ShouldDecrementDesiredCapacity=True)
    eventually(lambda: old.logs(event="left_for_others"), 20, what="a hook put back")
    new = start_worker(simulator.url, fleet.queue, name="NEW", config=NEW)
    eventually(lambda: new.logs(event="hook_in_hand"), 90, what="the hook in the new worker's hand")
    fleet.stop_task(task)

    eventually(lambda: new.metric("lifehook_hooks_completed_total", group="web", result="continue") == 1, 30)
    eventually(lambda: aws.queue_counts(fleet.aws.sqs, fleet.queue) == (0, 0), 20, what="an empty queue")
    assert old.metric("lifehook_events_total", outcome="foreign") == 0


def test_a_hook_that_no_configuration_names_is_deleted_at_once_where_none_is_kept(simulator, start_worker):
    fleet = Fleet(simulator)
    worker = start_worker(simulator.url, fleet.queue, config="keep_foreign: 0s\n" + OLD)

    fleet.aws.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=fleet.instances()[0], ShouldDecrementDesiredCapacity=True
    )

    eventually(lambda: worker.metric("lifehook_events_total", outcome="foreign") == 1, 20, what="a foreign event")
    assert worker.logs(event="left_for_others") == []
