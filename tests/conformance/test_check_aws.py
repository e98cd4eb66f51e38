"""`lifehook check --aws`: what AWS has, held against what the configuration takes it to have; nothing is changed."""

import pytest

import aws
from checking import asked, lines
from simulator import Fleet

READS = ("Describe", "Get", "List")


@pytest.fixture
def fleet(simulator):
    return Fleet(simulator, heartbeat=300)


def test_what_fits_is_fine_and_nothing_is_changed(simulator, fleet, tmp_path):
    before = simulator.calls()

    ran = asked(tmp_path, simulator.url, fleet.queue)

    assert (ran.returncode, ran.stderr, lines(ran, "wrong")) == (0, "", [])
    fine = "\n".join(lines(ran, "fine"))
    assert "AWS takes us for arn:aws" in fine
    assert "queue life: messages visible 1, in flight 0; to the dead letters after 10 receives" in fine
    assert "ECS cluster prod: ACTIVE" in fine
    assert "group web: matches web-asg" in fine
    assert "web-asg: hook drain-hook: answered by group web; it notifies the queue" in fine
    called = {name.split(".")[1] for name, count in simulator.calls().items() if count > before.get(name, 0)}
    assert called and all(name.startswith(READS) for name in called)


@pytest.mark.parametrize("place", [".", "not-made-yet"])
def test_the_file_of_a_worker_is_neither_made_nor_needed(simulator, fleet, tmp_path, place):
    file = tmp_path / place / "state.db"

    ran = asked(tmp_path, simulator.url, fleet.queue, ("groups:\n", f"state: {{backend: sqlite, path: {file}}}\ngroups:\n"))

    assert (ran.returncode, ran.stderr, lines(ran, "wrong")) == (0, "", [])
    assert "queue life: messages visible 1" in "\n".join(lines(ran, "fine"))
    assert not file.exists()


def test_a_queue_that_lets_foreign_hooks_go_back_for_less_is_warned_of(simulator, tmp_path):
    enough = Fleet(simulator, heartbeat=300, max_receive_count=32)
    ran = asked(tmp_path, simulator.url, enough.queue)
    assert "keep_foreign" not in "\n".join(lines(ran, "warning"))

    ran = asked(tmp_path, simulator.url, enough.queue, ("groups:\n", "keep_foreign: 20m\ngroups:\n"))

    (warned,) = (line for line in lines(ran, "warning") if "keep_foreign" in line)
    assert warned.startswith("queue life: its maxReceiveCount of 32 lets what no list answers go back for 5m")


def test_moto_is_understood_too(moto_world, tmp_path):
    ran = asked(tmp_path, moto_world.endpoint, moto_world.queue)

    fine = "\n".join(lines(ran, "fine"))
    assert "queue life: messages visible 0" in fine
    assert "ECS cluster prod: ACTIVE" in fine
    assert "group web: matches web-asg" in fine
    (wrong,) = lines(ran, "wrong")
    assert wrong.startswith("web-asg: hook drain-hook: notifies arn:aws:sqs:us-east-1:"), "moto says so of every hook"


@pytest.mark.parametrize("server", ["simulator", "moto_world"])
def test_a_group_that_rebalances_by_itself_is_warned_of_where_a_list_replaces_too(request, server, tmp_path):
    world = request.getfixturevalue(server)
    fed = world.queue if server == "moto_world" else Fleet(world, heartbeat=300).queue
    at_risk = ("    terminating:\n", "    spot_interruption: [raise_capacity]\n    terminating:\n")
    twice = "web-2: raise_capacity of spot_interruption: an instance is replaced twice"

    for capacity_rebalance in (False, True):
        name = "web-2" if capacity_rebalance else "web-1"
        aws.make_group(world.aws.autoscaling, name, 0, CapacityRebalance=capacity_rebalance)
    ran = asked(tmp_path, getattr(world, "endpoint", None) or world.url, fed, at_risk)

    (warned,) = (line for line in lines(ran, "warning") if "replaced twice" in line)
    assert warned.startswith(twice)


# What is taken for what it is not: a change of the configuration, and what must be said.
WRONG = {
    "a queue that is not there": (("/life\n", "/nowhere\n"), "queue nowhere: "),
    "a cluster that is not there": (("cluster: prod", "cluster: prd"), "ECS cluster prd: ECS knows none of this name"),
    "a table that is not there": (("groups:\n", "state: {backend: dynamodb, table: none}\ngroups:\n"), "state dynamodb: "),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_a_worker_could_not_work_with_is_wrong(simulator, fleet, tmp_path, mistake):
    change, said = WRONG[mistake]

    ran = asked(tmp_path, simulator.url, fleet.queue, change)

    assert ran.returncode == 1
    assert any(line.startswith(said) for line in lines(ran, "wrong")), ran.stdout


def test_a_cluster_whose_tasks_are_matched_is_looked_for(simulator, fleet, tmp_path):
    tasks = '  - {name: jobs, match_clusters: [prdo, prod, "batch-*"], task_stopped: [rerun_task: {on: failure}]}\n'

    ran = asked(tmp_path, simulator.url, fleet.queue, ("groups:\n", "groups:\n" + tasks))

    assert (ran.returncode, lines(ran, "wrong")) == (0, [])
    assert "group jobs: ECS knows no cluster prdo: none of its tasks is matched now" in lines(ran, "warning")
    assert not any("batch-" in line and "cluster" in line for line in lines(ran, "warning"))


def test_drains_that_look_where_no_instance_is_are_warned_of(simulator, fleet, tmp_path):
    fleet.aws.ecs.create_cluster(clusterName="prd")
    there = simulator.calls().get("ecs.ListContainerInstances", 0)

    ran = asked(tmp_path, simulator.url, fleet.queue, ("cluster: prod", "cluster: prd"))

    (warned,) = [line for line in lines(ran, "warning") if "cluster" in line]
    assert warned.startswith("group web: of ") and " instances in service none is in ECS cluster prd: drain_ecs passes them over" in warned
    assert simulator.calls()["ecs.ListContainerInstances"] == there + 1
    for found in ("clusters: [prd, prod]", "clusters: auto"):
        ran = asked(tmp_path, simulator.url, fleet.queue, ("cluster: prod", found))
        assert not any("in service" in line for line in lines(ran, "warning"))


def test_a_queue_that_keeps_its_messages_too_short_is_wrong(simulator, fleet, tmp_path):
    fleet.aws.sqs.set_queue_attributes(QueueUrl=fleet.queue, Attributes={"MessageRetentionPeriod": "60"})

    ran = asked(tmp_path, simulator.url, fleet.queue)

    assert ran.returncode == 1
    assert any(line.startswith("queue life: it keeps messages for 1m") for line in lines(ran, "wrong"))


def test_a_hook_that_tells_another_queue_is_wrong(simulator, fleet, tmp_path):
    other = fleet.aws.sqs.create_queue(QueueName="other")["QueueUrl"]

    ran = asked(tmp_path, simulator.url, other)

    assert ran.returncode == 1
    assert any("hook drain-hook: notifies arn:aws:sqs" in line and ":life, which is no queue" in line for line in lines(ran, "wrong"))


@pytest.mark.parametrize("match, code, word", [("web-asg", 1, "wrong"), ("web-*", 0, "warning")])
def test_a_hook_that_is_nearly_the_groups_is_asked_back_and_wrong_where_the_group_is_named(simulator, fleet, tmp_path, match, code, word):
    changes = (('match: ["web-*"]', f'match: ["{match}"]'), ('hooks: ["drain*"]', "hooks: [drian-hook]"))

    ran = asked(tmp_path, simulator.url, fleet.queue, *changes)

    asks = "did you mean drain-hook where group web says drian-hook?"
    assert ran.returncode == code
    assert f"web-asg: no lifecycle hook of it is answered; it has drain-hook; {asks}" in lines(ran, word)


def test_queues_of_one_name_are_told_apart(simulator, fleet, tmp_path):
    account = fleet.queue.split("/")[-2]
    other = fleet.queue.replace(account, "999999999999")

    ran = asked(tmp_path, simulator.url, fleet.queue, ("    visibility: 10s\n", f"    visibility: 10s\n  - url: {other}\n"))

    assert f"queue life@{account}  {fleet.queue}" in ran.stdout
    told = [line.split(": ")[0] for line in lines(ran, "fine") + lines(ran, "wrong") if line.startswith("queue ")]
    assert sorted(told) == sorted([f"queue life@{account}", "queue life@999999999999"])


# What works, but may surprise.
SURPRISES = {
    "a second name that no hook has": (('hooks: ["drain*"]', 'hooks: ["drain*", gate]'), "group web: no lifecycle hook is called gate now"),
    "a list that no hook is for": (("    terminating:\n", "    launching: [wait: {for: 1s}]\n    terminating:\n"), "group web: launching: no hook of this kind is answered now"),
    "a list that no rule feeds": (("    terminating:\n", "    spot_interruption: [wait: {for: 1s}]\n    terminating:\n"), 'group web: spot_interruption: no EventBridge rule brings "EC2 Spot Instance Interruption Warning"'),
    "a group that matches nothing": (('match: ["web-*"]', 'match: ["wbe-*"]'), "group web: no Auto Scaling group is matched now"),
    "a second pattern that matches nothing": (('match: ["web-*"]', 'match: ["web-*", "btach-*"]'), "group web: no Auto Scaling group is called btach-* now"),
    "a hook of another name": (('hooks: ["drain*"]', 'hooks: ["dain*"]'), "web-asg: no lifecycle hook of it is answered; it has drain-hook"),
    "a deadline that AWS does not wait for": (("deadline: 10m", "deadline: 40h"), "web-asg: hook drain-hook: AWS ends it after 8h20m"),
}


@pytest.mark.parametrize("surprise", SURPRISES)
def test_what_may_surprise_is_a_warning(simulator, fleet, tmp_path, surprise):
    change, said = SURPRISES[surprise]

    ran = asked(tmp_path, simulator.url, fleet.queue, change)

    assert ran.returncode == 0
    assert any(line.startswith(said) for line in lines(ran, "warning")), ran.stdout


def test_a_hook_that_is_named_but_has_no_list_is_said_beside_one_that_is_answered(simulator, fleet, tmp_path):
    told = aws.told_to(aws.queue_arn(fleet.aws.sqs, fleet.queue))
    aws.put_hook(fleet.aws.autoscaling, "web-asg", "drain-launch", aws.LAUNCHING, 300, **told)

    ran = asked(tmp_path, simulator.url, fleet.queue)

    (left,) = [line for line in lines(ran, "warning") if line.startswith("web-asg: ")]
    assert left == "web-asg: hook drain-launch: group web names it, but has no list for launching: AWS ends it after 5m with CONTINUE"
    assert any("hook drain-hook: answered" in line for line in lines(ran, "fine"))


def test_a_hook_that_tells_us_of_a_group_that_answers_none_is_warned_of(simulator, fleet, tmp_path):
    hookless = (('    hooks: ["drain*"]\n', ""), ("    terminating:\n", "    spot_interruption:\n"), ("timeout: 5m", "timeout: 90s"))

    ran = asked(tmp_path, simulator.url, fleet.queue, *hookless)

    said = "web-asg: hook drain-hook: it notifies the queue, and no list here answers it: AWS ends it after 5m with CONTINUE"
    assert said in lines(ran, "warning")


def test_a_group_without_the_tags_is_not_taken_for_matched(simulator, fleet, tmp_path):
    tags = 'match: ["web-*"]\n    match_tags: {Team: web}'

    ran = asked(tmp_path, simulator.url, fleet.queue, ('match: ["web-*"]', tags))

    told = "\n".join(lines(ran, "warning"))
    assert "group web: no Auto Scaling group is matched now; without its tags, but for instances that have them: web-asg" in told
    assert "no lifecycle hook" not in told


def telling(topic):
    drain = "      - drain_ecs: {cluster: prod, timeout: 5m}\n"
    return drain, f'{drain}      - notify: {{topic: "{topic}"}}\n'


def test_a_topic_that_is_there_is_fine_and_one_that_is_not_is_wrong(simulator, fleet, tmp_path):
    topic = fleet.aws.sns.create_topic(Name="fleet")["TopicArn"]

    there, missing = (asked(tmp_path, simulator.url, fleet.queue, telling(each)) for each in (topic, topic + "s"))

    assert there.returncode == 0
    assert f"topic {topic}: is there" in lines(there, "fine")
    assert missing.returncode == 1
    assert lines(missing, "wrong") == [f"topic {topic}s: SNS knows none of this name"]


def test_a_topic_nobody_may_look_at_is_no_reason_against_a_worker(simulator, fleet, tmp_path):
    topic = fleet.aws.sns.create_topic(Name="fleet")["TopicArn"]
    simulator.faults({"action": "GetTopicAttributes", "kind": "access_denied"})

    ran = asked(tmp_path, simulator.url, fleet.queue, telling(topic))

    assert (ran.returncode, lines(ran, "wrong")) == (0, [])
    assert any(line.startswith(f"topic {topic}: without sns:GetTopicAttributes") for line in lines(ran, "warning"))
