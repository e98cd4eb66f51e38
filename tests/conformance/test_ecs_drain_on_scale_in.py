"""deploy/examples/ecs-drain-on-scale-in.yaml: an instance's tasks leave before it ends; where they cannot, the time limit,
the policy, and a notice that says why."""

import datetime
import time

import aws
from examples import example, is_drained
from processes import eventually
from simulator import Fleet

NAME = "ecs-drain-on-scale-in"
AS_IT_IS = example(NAME)
# Why tasks do not move is looked for after a minute without progress: time enough to be told.
STEP_ENDS_FIRST = example(NAME, ("timeout: 15m", "timeout: 70s"))
DEADLINE_COMES_FIRST = example(NAME, ("deadline: 20m", "deadline: 30s"), ("          timeout: 15m\n", ""))
IMPATIENT = example(NAME, ("timeout: 15m", "timeout: 8s"))
SERVICE = {"minimumHealthyPercent": 100, "maximumPercent": 100}


def completion(world, token, within):
    eventually(lambda: not world.action(token)["open"], within, what="completion")
    eventually(lambda: is_drained(world), 30, what="an empty queue")
    (only,) = world.calls(token, "CompleteLifecycleAction")
    return only


def notices(worker):
    return worker.logs(event="step_ended", step="drain_ecs", level="warn")


def reasons(worker):
    """Why tasks do not leave, as told while the drain goes on."""
    return [str(line) for line in worker.logs(level="warn")]


def task_status(world, arn):
    return world.aws.ecs.describe_tasks(cluster="prod", tasks=[arn])["tasks"][0]["lastStatus"]


def test_tasks_that_leave_let_the_instance_go(moto_world, start_worker):
    world = moto_world
    ending, staying = world.instances
    (task,) = world.start_tasks(ending, 1)
    token = world.open_action(ending)
    worker = start_worker(world.endpoint, world.queue, config=AS_IT_IS)

    aws.send_through_sns(world, aws.action_fields(ending, token))
    eventually(lambda: world.status(ending) == "DRAINING", 30, what="DRAINING")
    assert world.action(token)["open"]
    world.stop_task(task)

    assert completion(world, token, 40)["result"] == "CONTINUE"
    assert world.status(staying) == "ACTIVE"
    assert notices(worker) == []


def test_tasks_that_cannot_move_end_in_the_policy_when_the_drain_has_had_its_time(moto_world, start_worker):
    world = moto_world
    ending = world.instances[0]
    (task,) = world.start_tasks(ending, 1)
    token = world.open_action(ending)
    worker = start_worker(world.endpoint, world.queue, config=STEP_ENDS_FIRST)

    aws.send_through_sns(world, aws.action_fields(ending, token))

    ended = completion(world, token, 100)
    assert (ended["result"], ended["accepted"]) == ("ABANDON", True)
    beats = world.calls(token, "RecordLifecycleActionHeartbeat")
    assert beats and all(each["accepted"] for each in beats)
    assert world.status(ending) == "DRAINING"
    assert task_status(world, task) == "RUNNING"
    assert [line["outcome"] for line in notices(worker)] == ["standalone_task"]
    assert any(task in text and "belongs to no service" in text for text in reasons(worker))
    assert worker.metric("lifehook_hooks_completed_total", group="web", result="abandon") == 1
    assert aws.queue_counts(world.aws.sqs, world.dead_letters) == (0, 0)


def add_foreign_hook(fleet):
    """One more that holds the instance, which only ABANDON cancels."""
    fleet.aws.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=fleet.group,
        LifecycleHookName="another-hook",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=3600,
        DefaultResult="CONTINUE",
    )


def instance_state(fleet, instance):
    (reservation,) = fleet.aws.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def test_abandon_ends_the_instance_though_another_hook_holds_it(simulator, start_worker):
    fleet = Fleet(simulator)
    add_foreign_hook(fleet)
    ending = fleet.instances()[0]
    fleet.start_task(ending)
    worker = start_worker(simulator.url, fleet.queue, config=IMPATIENT)

    fleet.end(ending)

    eventually(lambda: fleet.status(ending) == "DRAINING", 8, what="DRAINING")
    eventually(lambda: notices(worker), 40, what="the notice")
    eventually(lambda: fleet.gone(ending), 20, what="the end of the instance")
    eventually(lambda: instance_state(fleet, ending) in ("shutting-down", "terminated"), 20, what="its termination")
    eventually(lambda: is_drained(fleet), 30, what="an empty queue")
    assert aws.queue_counts(fleet.aws.sqs, fleet.dead_letters) == (0, 0)


def make_service(fleet, count):
    """One task on each instance; ECS may neither stop one first nor start one first."""
    fleet.aws.ecs.create_service(
        cluster="prod",
        serviceName="pinned",
        taskDefinition="web",
        desiredCount=count,
        launchType="EC2",
        deploymentConfiguration=SERVICE,
    )
    running = lambda: fleet.aws.ecs.list_tasks(cluster="prod", serviceName="pinned", desiredStatus="RUNNING")["taskArns"]
    eventually(lambda: len(running()) == count and all(task_status(fleet, each) == "RUNNING" for each in running()), 40)


def test_a_service_that_ecs_may_not_move_ends_in_the_policy_at_the_deadline(simulator, start_worker):
    fleet = Fleet(simulator, count=1)
    make_service(fleet, count=1)
    add_foreign_hook(fleet)
    (ending,) = fleet.instances()
    worker = start_worker(simulator.url, fleet.queue, config=DEADLINE_COMES_FIRST)

    began = time.time()
    fleet.end(ending)

    eventually(lambda: fleet.gone(ending), 40, what="the end of the instance")
    (ended,) = eventually(lambda: worker.logs(event="hook_ended"), 10, what="the worker knows")
    took = datetime.datetime.fromisoformat(ended["time"]).timestamp() - began
    assert 25 < took < 30, "the deadline less its margin of a tenth"
    assert [line["outcome"] for line in notices(worker)] == ["timeout"]
    eventually(lambda: is_drained(fleet), 30, what="an empty queue")
    assert worker.metric("lifehook_hooks_completed_total", group="web", result="abandon") == 1
