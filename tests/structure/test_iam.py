"""deploy/iam: allows what the program can call, and nothing else; each policy is one AWS would take, as narrow as it can be."""

import functools
import json
import re

import botocore.session
import pytest
import yaml
from policy_sentry.querying.actions import get_action_data

from iam import ACTIONS_OF, WITHOUT_A_CALL, actions_in, actions_of, operation
from test_includes import ROOT

IAM = ROOT / "deploy/iam"
EXAMPLES = sorted((ROOT / "deploy/examples").iterdir())
NAMES = sorted(path.stem for path in IAM.iterdir())

CONDITION_OPERATORS = {"ArnEquals", "StringEquals", "StringLike"}


def policy(name):
    return json.loads((IAM / f"{name}.json").read_text())


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements():
    return [(name, statement) for name in NAMES for statement in policy(name)["Statement"]]


def allowed():
    return set().union(*(actions_in(policy(name)) for name in NAMES))


@functools.cache
def operations_of(service):
    return frozenset(botocore.session.get_session().get_service_model(service).operation_names)


def operations():
    """What aws/*.cc can call, as "ecs:StopTask": string literals that are operations of a service the file speaks to."""
    for path in (ROOT / "aws").glob("*.cc"):
        text = path.read_text()
        literals = set(re.findall(r'"([A-Z]\w+)"', text))
        for service in set(re.findall(r"\bservices::(\w+)", text)):
            for name in literals & operations_of(service):
                yield operation(service, name)


def steps():
    return set(re.findall(r"\b(\w+)_kind\(\)", (ROOT / "handlers/step_table.cc").read_text()))


def rows_of_readme():
    """Of the tables in deploy/README.md: what the first cell names, and the policies in the second."""
    for line in (ROOT / "deploy/README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2:
            yield cells[0].strip("`"), {word for word in re.findall(r"`([^`]+)`", cells[1]) if word in NAMES}


def cells_of_readme():
    lines = (ROOT / "deploy/README.md").read_text().splitlines()
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", "\n".join(lines), re.MULTILINE))


def plain_steps(entries):
    """(step, its settings) of a list of steps, and of those that run together in it."""
    for entry in entries:
        if isinstance(entry, list):
            yield from plain_steps(entry)
        else:
            yield from entry.items() if isinstance(entry, dict) else [(entry, {})]


def steps_of(configuration):
    for group in configuration["groups"]:
        for key, value in group.items():
            if isinstance(value, list) and key not in ("match", "hooks", "match_clusters", "families"):
                yield from plain_steps(value)


def policies_of_step(step, settings):
    """The README's first policy, and those it names "with `setting: value`" where that is written."""
    cell = cells_of_readme()[step]
    yield re.search(r"`([\w-]+)`", cell)[1]
    for setting, value, name in re.findall(r"with `(\w+)(?:: (\w+))?` `([\w-]+)`", cell):
        if setting in settings and value in ("", str(settings[setting])):
            yield name


def policies_of(configuration):
    of_steps = {name for step, settings in steps_of(configuration) for name in policies_of_step(step, settings)}
    of_settings = {
        "state-dynamodb": configuration.get("state", {}).get("backend") == "dynamodb",
        "budget-replicas": configuration.get("budget", {}).get("replicas") == "auto",
        "adopt-hooks": any("hooks" in group for group in configuration["groups"]),
        "set-active-after-maintenance": any("scheduled_change" in group for group in configuration["groups"]),
    }
    return {"base"} | of_steps | {name for name, is_needed in of_settings.items() if is_needed}


def test_what_the_program_calls_is_what_the_policies_allow():
    called = set(operations())
    needed = actions_of(called) | WITHOUT_A_CALL

    assert len(called) > 30
    assert needed - allowed() == set(), "called, but in no policy of deploy/iam"
    assert allowed() - needed == set(), "in deploy/iam, but never called"


def test_every_call_of_a_service_names_an_operation_that_was_found():
    named = {
        operation(service, name)
        for path in (ROOT / "aws").glob("*.cc")
        for service, name in re.findall(r'call\(services::(\w+), "(\w+)"', path.read_text())
    }

    assert len(named) > 10
    assert named - set(operations()) == set()


def test_every_call_has_its_turn_and_its_limits():
    rows = re.findall(r'row\{"(\w+)", "(\w+)"', (ROOT / "aws/call_class.cc").read_text())
    named = [f"{service}:{name}" for service, name in rows]
    paced = {each for each in operations() if each.split(":")[0] not in ("sqs", "dynamodb", "sts", "events")}

    assert len(named) == len(set(named))
    assert paced - set(named) == set(), "called, but without a row in aws/call_class.cc: neither paced nor slowed down"
    assert set(named) - paced == set(), "a row of aws/call_class.cc that nothing calls"


def test_only_the_folder_of_aws_speaks_to_services():
    elsewhere = [
        str(path.relative_to(ROOT))
        for floor in ("base", "queues", "state", "handlers", "worker")
        for path in (ROOT / floor).iterdir()
        if re.search(r'"aws/services\.h"|\bservices::(sqs|ecs|ec2|autoscaling|elbv2|ssm|sns|dynamodb|sts)\b', path.read_text())
    ]

    assert elsewhere == []


def test_no_exception_is_left_that_nothing_needs():
    assert set(ACTIONS_OF) - set(operations()) == set()
    assert WITHOUT_A_CALL & set(operations()) == set()


def test_every_step_has_its_policies_in_the_readme():
    rows = dict(rows_of_readme())

    assert {step for step in steps() if not rows.get(step)} == set(), "without a row, or a policy in it, in deploy/README.md"


def test_every_step_is_in_the_readme():
    told = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))

    assert steps() - told == set(), "without a row in README.md"


def test_every_step_has_a_section_of_its_page():
    told = re.findall(r"^## `(\w+)`$", (ROOT / "docs/steps.md").read_text(), re.MULTILINE)

    assert sorted(told) == sorted(steps()), "each has one section in docs/steps.md"


def test_every_policy_is_in_the_readme():
    named = set().union(*(policies for _, policies in rows_of_readme()))

    assert set(NAMES) - named == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_names_the_policies_it_needs(path):
    text = path.read_text()
    (named,) = re.findall(r"^# Allow: (.+)$", text, re.MULTILINE)

    # Without the last one a drain goes on, but cannot say why it does not progress.
    assert set(named.split()) - {"drain-ecs-explain"} == policies_of(yaml.safe_load(text))


def test_every_placeholder_is_in_the_readme():
    named = {word for line in (ROOT / "deploy/README.md").read_text().splitlines() for word in re.findall(r"`([A-Z_]+)`", line)}
    values = [
        value
        for _, statement in statements()
        for value in [*as_list(statement["Resource"]), json.dumps(statement.get("Condition", {}))]
    ]
    written = {word for value in values for word in re.findall(r"\b[A-Z][A-Z_]+\b", value)}

    assert "REGION" in written
    assert written - named == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_follows_the_grammar(name):
    document = policy(name)

    assert set(document) == {"Version", "Statement"}
    assert document["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in document["Statement"]:
        assert set(statement) - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
        assert re.fullmatch(r"[A-Za-z0-9]+", statement["Sid"])
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(set(statement["Action"]))
        assert all(re.fullmatch(r"\*|arn:aws:[a-z0-9]+:[^:]*:[^:]*:.+", each) for each in as_list(statement["Resource"]))
        assert set(statement.get("Condition", {})) <= CONDITION_OPERATORS


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_fits_where_iam_keeps_it(name):
    assert len(re.sub(r"\s", "", (IAM / f"{name}.json").read_text())) < 6144


def facts_of(action):
    """(form of its resource's ARN or *, keys of conditions on it), one for each kind of resource an action knows."""
    service, operation = action.split(":")
    known = get_action_data(service, operation)
    assert known, f"AWS knows no action {action}"
    return [(each["resource_arn_format"], set(each["condition_keys"])) for each in known[service]]


def is_of_form(arn, form):
    return re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", "[^:]*", re.escape(form)), arn) is not None


def is_key_of(key, known):
    return key in known or any(each.endswith("${TagKey}") and key.startswith(each[: -len("${TagKey}")]) for each in known)


def faults_of(statement):
    """What AWS would not understand, or what could be narrower."""
    keys = [key for names in statement.get("Condition", {}).values() for key in names]
    for action in statement["Action"]:
        facts = facts_of(action)
        for resource in as_list(statement["Resource"]):
            fitting = [known for form, known in facts if form == resource or is_of_form(resource, form)]
            if not fitting:
                yield f"{action} has no resource such as {resource}"
            if resource == "*" and any(form != "*" for form, _ in facts) and not keys:
                yield f"{action} could be held to one of {[form for form, _ in facts]}"
            for key in keys:
                if fitting and not any(is_key_of(key, known) for known in fitting):
                    yield f"{action} on {resource} has no condition {key}"


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_understood_by_aws_and_as_narrow_as_it_can_be(name):
    assert [fault for statement in policy(name)["Statement"] for fault in faults_of(statement)] == []


@pytest.mark.parametrize(
    "actions, resource, condition, said",
    [
        (["ecs:StopTask"], "*", {}, "could be held to"),
        (["ecs:StopTask"], "arn:aws:ecs:REGION:ACCOUNT:cluster/CLUSTER", {}, "has no resource"),
        (["ec2:DescribeImages"], "arn:aws:ec2:REGION::image/*", {}, "has no resource"),
        (["ecs:ListTasks"], "*", {"StringEquals": {"ecs:clutser": "prod"}}, "has no condition"),
        (["sqs:ReceiveMessage"], "arn:aws:sqs:REGION:ACCOUNT:QUEUE", {"ArnEquals": {"ecs:cluster": "x"}}, "has no condition"),
    ],
)
def test_a_fault_of_a_statement_is_found(actions, resource, condition, said):
    (fault,) = faults_of({"Action": actions, "Resource": resource, "Condition": condition})

    assert said in fault


def test_strong_actions_are_held_to_what_is_ours():
    conditions = {}
    for _, statement in statements():
        for action in statement["Action"]:
            conditions.setdefault(action, []).append(json.dumps(statement.get("Condition", {})))

    assert "lifehook:service" in conditions["ec2:DeregisterImage"][0]
    assert "lifehook:service" in conditions["ec2:DeleteSnapshot"][0]
    assert '"ec2:CreateAction": "CreateImage"' in conditions["ec2:CreateTags"][0]
    assert '"ecs:CreateAction": "RunTask"' in conditions["ecs:TagResource"][0]
    assert '"iam:PassedToService": "ecs-tasks.amazonaws.com"' in conditions["iam:PassRole"][0]
