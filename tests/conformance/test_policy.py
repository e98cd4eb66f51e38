"""`lifehook policy`: the IAM policy of a configuration, held to deploy/iam, to AWS's grammar, and to what is really called."""

import json
import re

import pytest

from configuration import GOOD
from iam import actions_in
from processes import ROOT, clean_environment, lifehook
from test_iam import faults_of, policy

EXAMPLES = sorted((ROOT / "deploy/examples").iterdir())
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle"


def printed(path, **env):
    ran = lifehook("policy", "-c", path, env=clean_environment(QUEUE_URL=QUEUE, **env))
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout), ran.stderr


def needless(text):
    """What the policies of deploy/iam allow for what is not configured."""
    if "hooks:" not in text:
        yield from ("autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat")
    if "match_clusters:" not in text and "drain_ecs" not in text:
        yield from ("ecs:DescribeServices", "ecs:DescribeTasks")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gets_what_its_policies_allow(path):
    text = path.read_text()
    (named,) = re.findall(r"^# Allow: (.+)$", text, re.MULTILINE)

    found, _ = printed(path)

    assert actions_in(found) == set().union(*(actions_in(policy(name)) for name in named.split())) - set(needless(text))


@pytest.mark.parametrize("path", [*EXAMPLES, ROOT / "config.example.yaml"], ids=lambda path: path.stem)
def test_aws_takes_it_as_it_is(path):
    found, _ = printed(path)

    sids = [statement["Sid"] for statement in found["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert [fault for statement in found["Statement"] for fault in faults_of(statement)] == []
    assert not re.search(r"\b(REGION|ACCOUNT|QUEUE|GROUP|CLUSTER|SERVICE|TABLE|[A-Z]+_[A-Z]+)\b", json.dumps(found))


def test_it_names_what_the_configuration_names(configured):
    found, said = printed(configured(GOOD))

    resources = {statement["Sid"]: statement["Resource"] for statement in found["Statement"]}
    assert resources["BaseQueue"] == "arn:aws:sqs:eu-west-1:111122223333:lifecycle"
    assert resources["BaseHooks"].endswith("autoScalingGroupName/web-*")
    assert resources["DrainEcsCluster"] == "arn:aws:ecs:eu-west-1:111122223333:cluster/prod"
    assert "encrypted-queue.json" in said


def test_a_wrong_configuration_is_refused_as_by_check(configured):
    path = configured(GOOD.replace("match:", "mtach:"))

    ran = lifehook("policy", "-c", path)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == lifehook("check", "-c", path).stderr
