"""deploy/service.yaml and stack.yaml: the task and the policies are those that stand beside them, the parts fit together."""

import re

import cfnlint.decode.cfn_yaml
import pytest

from test_deploy import DEPLOY, container, properties, resources
from test_iam import policy

# What the parameters of service.yaml stand for in the policies' words.
PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": "REGION",
    "AWS::AccountId": "ACCOUNT",
    "QueueName": "QUEUE",
    "Groups": "GROUP",
    "Clusters": "CLUSTER",
    "TargetGroups": "TARGET_GROUP",
    "TableName": "TABLE",
}


def with_words(value):
    """Of a template: what it says once its parameters are the policies' words."""
    if isinstance(value, list):
        return [with_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: PARAMETERS[found[1]], value["Fn::Sub"])
    return {key: with_words(each) for key, each in value.items()}


def policies_of_service():
    yield from properties("service", "TaskRole")["Policies"]
    yield from (each["Properties"] for each in resources("service").values() if each["Type"] == "AWS::IAM::RolePolicy")


@pytest.mark.parametrize("deployed", list(policies_of_service()), ids=lambda each: each["PolicyName"])
def test_the_service_is_allowed_what_the_policy_of_the_name_allows(deployed):
    assert with_words(deployed["PolicyDocument"]) == policy(deployed["PolicyName"])


def container_of_service():
    (only,) = properties("service", "Task")["ContainerDefinitions"]
    return only


def as_template_has_it(value):
    """The keys of an ECS API parameter as CloudFormation spells them; those of maps are values."""
    if isinstance(value, list):
        return [as_template_has_it(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key[0].upper() + key[1:]: each if key == "options" else as_template_has_it(each) for key, each in value.items()}


def test_the_service_runs_the_task_of_the_definition():
    written = as_template_has_it(container())
    deployed = container_of_service()
    configured = {each["name"]: each["value"] for each in container()["environment"]}
    named = {each["Name"] for each in deployed["Environment"]}
    of_place = {"Image", "Environment", "Secrets", "LogConfiguration"}

    assert {k: v for k, v in deployed.items() if k not in of_place} == {k: v for k, v in written.items() if k not in of_place}
    assert named == {"LIFEHOOK_CONFIG", "STATE_TABLE", *configured}
    assert deployed["LogConfiguration"]["Options"]["mode"] == "non-blocking"


def test_a_configuration_that_is_refused_does_not_replace_the_workers_before_it():
    deployment = properties("service", "Service")["DeploymentConfiguration"]

    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100


@pytest.mark.parametrize("name", ["Queue", "Table", "Service"])
def test_the_stack_gives_its_parts_parameters_they_have(name):
    part = properties("stack", name)
    template = part["TemplateURL"].removesuffix(".yaml")
    known = cfnlint.decode.cfn_yaml.load(str(DEPLOY / f"{template}.yaml"))["Parameters"]
    given = part["Parameters"]
    without_default = {key for key, each in known.items() if "Default" not in each}

    assert set(given) - set(known) == set()
    assert without_default - set(given) == set()
