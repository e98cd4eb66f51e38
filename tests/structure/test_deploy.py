"""The templates, the task definition and the Dockerfile of deploy/: what AWS takes, and what agrees with the program."""

import json
import re

import botocore.session
import cfnlint.api
import cfnlint.decode.cfn_yaml
import pytest
from botocore.validate import ParamValidator
from moto.events.models import EventPattern

from test_includes import ROOT

DEPLOY = ROOT / "deploy"
TEMPLATES = ("queue", "service", "table")
SAMPLES = ROOT / "tests/data/messages"

# EventBridge samples that no step is ever run for.
NOT_WANTED = re.compile(
    r"eb-asg-(instance-refresh|launch-(un)?successful|terminate-(un)?successful)|eb-ecs-container|eb-ecs-service"
    r"|eb-ecs-task-(ec2|fargate-running|fargate-spot-stopped)|eb-ec2-state-(pending|running)|eb-health-issue"
)


def resources(template):
    return cfnlint.decode.cfn_yaml.load(str(DEPLOY / f"{template}.yaml"))["Resources"]


def properties(template, name):
    return resources(template)[name]["Properties"]


def rules():
    return {name: each for name, each in resources("queue").items() if each["Type"] == "AWS::Events::Rule"}


def matching_rules(event):
    patterns = {name: each["Properties"]["EventPattern"] for name, each in rules().items()}
    return [name for name, pattern in patterns.items() if EventPattern(None, pattern).matches_event(event)]


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())


def task_definition():
    return json.loads((DEPLOY / "task-definition.json").read_text())


def container():
    (only,) = task_definition()["containerDefinitions"]
    return only


def instructions():
    """Of the Dockerfile: instruction and the rest, continued lines joined."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def last(instruction):
    return [rest for name, rest in instructions() if name == instruction][-1]


def wrong_parameters(parameters):
    model = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition")
    return ParamValidator().validate(parameters, model.input_shape).generate_report()


def faults_of_template(text):
    """Errors and warnings of cfn-lint, for one region: with all it puts each into every ARN."""
    return [f"{fault.rule.id} {fault.message}" for fault in cfnlint.api.lint(text)]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_no_fault_for_cfn_lint(template):
    assert faults_of_template((DEPLOY / f"{template}.yaml").read_text()) == []


def test_a_fault_of_a_template_is_found():
    wrong = (DEPLOY / "table.yaml").read_text().replace("BillingMode", "BillingMoed")

    assert any("BillingMoed" in fault for fault in faults_of_template(wrong))


def test_the_table_is_as_the_program_uses_it():
    key = re.search(r'key = "(\w+)"', (ROOT / "aws/dynamodb.h").read_text())[1]
    state = "".join(path.read_text() for path in (ROOT / "state").glob("dynamodb_*.cc"))
    ttl = re.search(r'ttl_name = "(\w+)"', state)[1]
    table = properties("table", "Table")

    assert table["KeySchema"] == [{"AttributeName": key, "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": key, "AttributeType": "S"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": ttl, "Enabled": True}


def test_the_table_is_not_lost_by_accident():
    table = resources("table")["Table"]

    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_a_first_deployment_that_failed_can_be_tried_again():
    named = [each for each in resources("service").values() if "LogGroupName" in each["Properties"]]

    assert [each["DeletionPolicy"] for each in named] == ["RetainExceptOnCreate"], "what is left behind bars its name"


def test_every_rule_feeds_the_queue_and_may():
    target = {"Fn::GetAtt": ["Queue", "Arn"]}
    statement = properties("queue", "QueuePolicy")["PolicyDocument"]["Statement"][0]
    may = [source["Fn::GetAtt"][0] for source in statement["Condition"]["ArnEquals"]["aws:SourceArn"]]

    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert [each["Properties"]["Targets"][0]["Arn"] for each in rules().values()] == [target] * len(rules())
    assert sorted(may) == sorted(rules())


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("eb-*.json")))
def test_the_rules_let_through_what_is_handled_and_little_else(name):
    found = matching_rules(sample(name))

    assert len(found) == (0 if NOT_WANTED.match(name) else 1)


def test_the_rules_let_standalone_tasks_through_as_they_run_and_stop():
    notice = sample("eb-ecs-task-fargate-spot-standalone-notice")
    changed = {
        (desired, last): notice | {"detail": notice["detail"] | {"desiredStatus": desired, "lastStatus": last, "stopCode": code}}
        for desired, last, code in [
            ("RUNNING", "RUNNING", None),
            ("RUNNING", "PENDING", None),
            ("STOPPED", "DEPROVISIONING", "EssentialContainerExited"),
            ("STOPPED", "STOPPED", "EssentialContainerExited"),
        ]
    }

    through = [state for state, event in changed.items() if matching_rules(event)]

    assert through == [("RUNNING", "RUNNING"), ("STOPPED", "STOPPED")]


def test_the_queue_keeps_what_health_announces_until_it_is_due():
    parameters = cfnlint.decode.cfn_yaml.load(str(DEPLOY / "queue.yaml"))["Parameters"]
    wakes = parameters["RetentionSeconds"]["Default"] / (11 * 3600)  # handlers/step.cc puts a wait off for 11 h

    assert parameters["RetentionSeconds"]["Default"] == 14 * 24 * 3600
    assert parameters["MaxReceiveCount"]["Default"] / 2 > wakes  # from then on it would be held in hand


def alarms():
    """{what is looked at: the alarm}, by queue and metric."""
    found = [each["Properties"] for each in resources("queue").values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    return {(each["Dimensions"][0]["Value"]["Fn::GetAtt"][0], each["MetricName"]): each for each in found}


def test_dead_letters_and_messages_that_nobody_receives_are_told_of():
    dead, old = (alarms()[of] for of in (("DeadLetters", "ApproximateNumberOfMessagesVisible"), ("Queue", "ApproximateAgeOfOldestMessage")))

    assert (dead["Threshold"], dead["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert old["Threshold"] == {"Ref": "OldestMessageSeconds"}
    assert {each["TreatMissingData"] for each in alarms().values()} == {"notBreaching"}  # SQS says nothing of an idle queue


def test_an_alarm_without_a_topic_has_no_action():
    template = cfnlint.decode.cfn_yaml.load(str(DEPLOY / "queue.yaml"))

    assert template["Parameters"]["AlarmTopicArn"]["Default"] == ""
    for alarm in alarms().values():
        assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}


def test_a_hook_that_takes_its_time_is_no_old_message():
    parameters = cfnlint.decode.cfn_yaml.load(str(DEPLOY / "queue.yaml"))["Parameters"]
    deadline = int(re.search(r"deadline = std::chrono::hours\((\d+)\)", (ROOT / "handlers/group.h").read_text())[1])

    assert parameters["OldestMessageSeconds"]["Default"] > deadline * 3600


def test_ecs_takes_the_task_definition():
    assert wrong_parameters(task_definition()) == ""


def test_a_fault_of_the_task_definition_is_found():
    wrong = task_definition()
    wrong["containerDefinitions"][0]["stopTimeOut"] = 30

    assert "stopTimeOut" in wrong_parameters(wrong)


def with_defaults(template, value):
    """What it refers to of the template's parameters, as these are unless written."""
    if isinstance(value, list):
        return [with_defaults(template, each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return parameters_of(template).get(value["Ref"], {}).get("Default", value)
    return {key: with_defaults(template, of) for key, of in value.items()}


def parameters_of(template):
    return cfnlint.decode.cfn_yaml.load(str(DEPLOY / f"{template}.yaml"))["Parameters"]


def in_the_words_of_ecs(value):
    """CloudFormation writes the first letters large."""
    if isinstance(value, list):
        return [in_the_words_of_ecs(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {(key if key.startswith("awslogs") else key[0].lower() + key[1:]): in_the_words_of_ecs(of) for key, of in value.items()}


def test_the_service_runs_the_task_that_is_made_by_hand():
    by_stack = in_the_words_of_ecs(with_defaults("service", properties("service", "Task")))
    (its_container,) = by_stack["containerDefinitions"]
    same = ("networkMode", "cpu", "memory")
    same_of_container = ("name", "essential", "user", "readonlyRootFilesystem", "linuxParameters", "entryPoint", "command")
    same_of_container += ("stopTimeout", "healthCheck")

    assert {key: by_stack[key] for key in same} == {key: task_definition()[key] for key in same}
    assert {key: its_container[key] for key in same_of_container} == {key: container()[key] for key in same_of_container}
    of_both = (its_container["logConfiguration"], container()["logConfiguration"])
    assert len({(log["logDriver"], log["options"]["mode"], log["options"]["max-buffer-size"]) for log in of_both}) == 1


def test_fargate_takes_any_memory_with_some_cpu_and_any_cpu_with_some_memory():
    parameters = parameters_of("service")
    of_fargate = {"256": {"512", "1024", "2048"}, "512": {"1024", "2048"}, "1024": {"2048"}}  # MiB, of those offered
    memory = set(parameters["Memory"]["AllowedValues"])

    assert set(parameters["Cpu"]["AllowedValues"]) == set(of_fargate)
    assert set().union(*of_fargate.values()) == memory
    for cpu, fits in of_fargate.items():
        assert f"{cpu} with {' or '.join(sorted(fits, key=int))}" in parameters["Memory"]["Description"]


def test_another_configuration_is_another_deployment_that_is_taken_back_when_it_fails():
    (its_container,) = properties("service", "Task")["ContainerDefinitions"]
    deployment = properties("service", "Service")["DeploymentConfiguration"]

    assert {"Name": "LIFEHOOK_CONFIG", "Value": {"Ref": "Configuration"}} in its_container["Environment"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


def test_ecs_gives_the_worker_its_time_to_stop():
    own = int(re.search(r"stop_timeout = std::chrono::seconds\((\d+)\)", (ROOT / "worker/config.h").read_text())[1])

    assert container()["stopTimeout"] > own


def test_a_stop_timeout_of_the_configuration_finds_one_of_ecs_above_it():
    least, most = re.search(r'keys\["stop_timeout"\], (\d+)s, (\d+)s', (ROOT / "worker/config.cc").read_text()).groups()
    (its_container,) = properties("service", "Task")["ContainerDefinitions"]
    limits = parameters_of("service")["StopTimeout"]

    assert its_container["StopTimeout"] == {"Ref": "StopTimeout"}
    assert limits["MinValue"] > int(least)
    assert limits["MaxValue"] == int(most) == 120  # Fargate's


def test_the_task_may_do_as_little_as_the_image():
    assert container()["user"] == last("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER"))
    assert container()["readonlyRootFilesystem"] is True
    assert container()["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}


def test_the_task_and_the_image_have_one_health_check():
    assert container()["healthCheck"]["command"] == ["CMD", *json.loads(last("HEALTHCHECK").split("CMD ")[1])]


def test_logs_never_hold_the_worker_up():
    assert container()["logConfiguration"]["options"]["mode"] == "non-blocking"


def test_the_image_runs_the_worker():
    assert json.loads(last("ENTRYPOINT")) == ["/usr/local/bin/lifehook"]
    assert json.loads(last("CMD")) == ["run", "-c", "/etc/lifehook/config.yaml"]


def test_the_image_is_made_of_debian_and_of_nobody_elses_host():
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    stages = re.findall(r" AS (\w+)", "\n".join(rest for name, rest in instructions() if name == "FROM"))

    assert [each for each in bases if each not in stages] == ["debian:bookworm", "debian:bookworm-slim"]


@pytest.mark.parametrize("path", sorted((DEPLOY / "examples").iterdir()), ids=lambda path: path.stem)
def test_an_example_fits_into_a_standard_parameter(path):
    assert len(path.read_bytes()) <= 4096
