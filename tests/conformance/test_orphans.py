"""Hooks whose event never came, through the real binary: the group tells nobody, the worker finds them."""

import pytest

import aws
from processes import eventually
from simulator import Fleet, Simulator
from worker import CONFIG, Worker


class SilentFleet(Fleet):
    """Its hook has no target: no message ever comes."""

    def make_group(self, count, heartbeat):
        aws.make_group(self.aws.autoscaling, self.group, count, MaxSize=10)
        aws.put_hook(self.aws.autoscaling, self.group, self.hook, self.transition, heartbeat)


@pytest.fixture
def fleet():
    with Simulator() as simulator:
        yield SilentFleet(simulator, heartbeat=60), simulator


def test_a_hook_without_a_message_is_adopted_and_drained(fleet, tmp_path):
    world, simulator = fleet
    ending = world.instances()[0]
    task = world.start_task(ending)
    with Worker(tmp_path, simulator.url, world.queue, config="adopt_after: 1m\n" + CONFIG) as worker:
        worker.ready()

        world.end(ending)

        eventually(lambda: worker.metric("lifehook_hooks_adopted_total", group="web"), 200, 0.5, "adoption")
        eventually(lambda: worker.metric("lifehook_hooks_held", group="web") == 1, 20, what="the hook in hand")
        world.stop_task(task)
        completed = lambda: worker.metric("lifehook_hooks_completed_total", group="web", result="continue")
        eventually(completed, 40, what="completion")
        eventually(lambda: aws.queue_counts(world.aws.sqs, world.queue) == (0, 0), 30, what="an empty queue")
