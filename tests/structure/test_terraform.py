"""deploy/terraform sets up what the CloudFormation templates do: each property there has its equal here, and nothing is here
beside those but what is listed as Terraform's own."""

import copy
import re

import cfnlint.decode.cfn_yaml
import pytest

import hcl
from as_terraform import ADDRESSES, EVERY_RULE, attributes, in_snakes, referred, spelled, variable_of
from test_deploy import DEPLOY, TEMPLATES, resources

# What CloudFormation writes into a rule or a role, and the policy that is put to the worker's by hand.
APART = {
    "aws_cloudwatch_event_rule.rule",
    "aws_cloudwatch_event_target.queue",
    "aws_iam_role_policy.notification",
    "aws_iam_role_policy.worker",
    "aws_iam_role_policy_attachment.execution",
}
OF_TERRAFORM_ALONE = {"name_prefix", "depends_on"}  # CloudFormation makes such names itself, and a role with its policies
OF_ADDRESS_ALONE = {"aws_ecs_service.service": {"wait_for_steady_state", "lifecycle"}, "aws_ecs_task_definition.task": {"skip_destroy"}}
VARIABLES_OF_ITS_OWN = {"name", "create_table", "policy"}
PARAMETERS_OF_STACKS = {"QueueUrl"}  # from one stack to the next


def template(name):
    return cfnlint.decode.cfn_yaml.load(str(DEPLOY / f"{name}.yaml"))


def all_of(section):
    return {name: of for each in TEMPLATES for name, of in template(each).get(section, {}).items()}


def of_both(found, address):
    alone = OF_TERRAFORM_ALONE | OF_ADDRESS_ALONE.get(address, set())
    return {key: of for key, of in found.items() if key not in alone}


def differences(templates, module):
    """By address: what a template asks for, and what the module says."""
    named = {name: of for name, of in templates.items() if of["Type"] != "AWS::Events::Rule"}
    pairs = {ADDRESSES[name]: (attributes(name, of), of_both(module[ADDRESSES[name]], ADDRESSES[name])) for name, of in named.items()}
    return {address: pair for address, pair in pairs.items() if pair[0] != pair[1]}


def as_lists(statement):
    """An action, a resource or a value that stands alone may be in a list or not."""
    made = dict(statement)
    for key in {"Action", "Resource"} & set(made):
        made[key] = made[key] if isinstance(made[key], list) else [made[key]]
    if isinstance(made.get("Principal"), dict):
        made["Principal"] = {kind: [of] if isinstance(of, str) else of for kind, of in made["Principal"].items()}
    if "Condition" in made:
        listed = {key: [of] if isinstance(of, str) and of != EVERY_RULE else of for key, of in next(iter(made["Condition"].values())).items()}
        made["Condition"] = {next(iter(made["Condition"])): listed}
    return made


def documents():
    """Of the templates, and beside each the name it has in the module."""
    for name, resource in all_of("Resources").items():
        properties, here = resource["Properties"], ADDRESSES.get(name, ".").split(".")[1]
        if "PolicyDocument" in properties:
            yield here, properties["PolicyDocument"]
        if "AssumeRolePolicyDocument" in properties:
            yield f"{here}_trust", properties["AssumeRolePolicyDocument"]
        for written in properties.get("Policies", []):
            yield here, written["PolicyDocument"]


def sorted_statements(document):
    return sorted((as_lists(each) for each in document["Statement"]), key=lambda each: each.get("Sid", ""))


def test_every_resource_of_the_templates_is_set_up_alike():
    assert differences(all_of("Resources"), hcl.resources()) == {}


def test_there_is_no_resource_beside_those():
    rules = {name for name, of in all_of("Resources").items() if of["Type"] == "AWS::Events::Rule"}

    assert set(hcl.resources()) == set(ADDRESSES.values()) | APART
    assert set(all_of("Resources")) == set(ADDRESSES) | rules


@pytest.mark.parametrize(
    ("name", "path", "wrong"),
    [
        ("Queue", ["RedrivePolicy", "maxReceiveCount"], 3),
        ("Queue", ["DelaySeconds"], 5),
        ("Task", ["ContainerDefinitions", 0, "StopTimeout"], 31),
        ("Task", ["ContainerDefinitions", 0, "HealthCheck", "Retries"], 2),
        ("Task", ["Memory"], "1024"),
        ("Service", ["DeploymentConfiguration", "DeploymentCircuitBreaker", "Rollback"], False),
        ("LaunchHook", ["DefaultResult"], "CONTINUE"),
        ("DeadLettersAlarm", ["Threshold"], 10),
        ("DeadLettersAlarm", ["AlarmActions"], []),
        ("OldestMessageAlarm", ["Dimensions", 0, "Value"], {"Fn::GetAtt": ["DeadLetters", "QueueName"]}),
    ],
)
def test_a_template_that_changes_alone_is_found(name, path, wrong):
    changed = copy.deepcopy(all_of("Resources"))
    at = changed[name]["Properties"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = wrong

    assert list(differences(changed, hcl.resources())) == [ADDRESSES[name]]


def test_the_rules_have_the_same_patterns_and_one_target():
    rules = {in_snakes(name, "-"): of["Properties"] for name, of in resources("queue").items() if of["Type"] == "AWS::Events::Rule"}
    (targets,) = {str(of["Targets"]): of["Targets"] for of in rules.values()}.values()
    rule, target = (hcl.resources()[address] for address in ("aws_cloudwatch_event_rule.rule", "aws_cloudwatch_event_target.queue"))

    assert {name: of["EventPattern"] for name, of in rules.items()} == hcl.module()["locals"][0]["rules"]
    assert (rule["for_each"], rule["event_pattern"]) == ("${local.rules}", "${jsonencode(each.value)}")
    assert (target["for_each"], target["rule"]) == ("${aws_cloudwatch_event_rule.rule}", "${each.value.name}")
    assert spelled(targets) == [{"Id": target["target_id"], "Arn": target["arn"]}]


def test_every_policy_says_the_same():
    asked = {name: sorted_statements(spelled(document)) for name, document in documents()}

    assert {name: sorted_statements(hcl.document(name)) for name in asked} == asked
    assert {address.split(".")[1] for address in hcl.resources("data") if "policy_document" in address} == set(asked)


def test_a_topic_that_is_not_given_may_not_send():
    (topic,) = hcl.resources("data")["aws_iam_policy_document.queue"]["dynamic"]

    assert topic["statement"]["for_each"] == "${var.topic_arn == null ? [] : [var.topic_arn]}"


def test_the_roles_have_the_same_policies_and_the_worker_the_one_that_is_printed():
    module, made = hcl.resources(), all_of("Resources")
    (written,) = made["NotificationRole"]["Properties"]["Policies"]
    put = re.search(r"put-role-policy .* --policy-name (\w+)", (DEPLOY / "README.md").read_text())[1]

    assert module["aws_iam_role_policy.notification"] == {
        "name": written["PolicyName"],
        "role": "${aws_iam_role.notification.name}",
        "policy": "${data.aws_iam_policy_document.notification.json}",
    }
    assert module["aws_iam_role_policy.worker"] == {"name": put, "role": referred("WorkerRole"), "policy": "${var.policy}"}
    assert [module["aws_iam_role_policy_attachment.execution"]["policy_arn"]] == spelled(made["ExecutionRole"]["Properties"]["ManagedPolicyArns"])


def default_of(parameter):
    as_terraform = {"": None, "DISABLED": False}
    return as_terraform.get(parameter["Default"], parameter["Default"])


def limits_of(name, parameter):
    """As the condition of a validation: of CloudFormation's limits the 4 KB of a parameter do not hold here."""
    if "AllowedValues" in parameter and "DISABLED" not in parameter["AllowedValues"]:
        return "${contains([%s], var.%s)}" % (", ".join(f'"{each}"' for each in parameter["AllowedValues"]), name)
    limits = [f"var.{name} {sign} {parameter[key]}" for key, sign in (("MinValue", ">="), ("MaxValue", "<=")) if key in parameter]
    return "${" + " && ".join(limits) + "}" if limits else None


def test_the_variables_are_the_parameters_with_their_defaults_and_limits():
    asked = {variable_of(name): of for name, of in all_of("Parameters").items() if name not in PARAMETERS_OF_STACKS}
    found = {name: of for name, of in hcl.named("variable").items() if name not in VARIABLES_OF_ITS_OWN}
    groups = found["auto_scaling_group_names"]

    assert set(found) == set(asked)
    assert groups["default"] == [] and asked.pop("auto_scaling_group_names")["Default"] == ""
    assert {name: of["default"] for name, of in found.items() if "default" in of and of is not groups} == {
        name: default_of(of) for name, of in asked.items() if "Default" in of
    }
    assert {name: found[name].get("validation", [{"condition": None}])[0]["condition"] for name in asked} == {
        name: limits_of(name, of) for name, of in asked.items()
    }


def test_the_outputs_are_the_same():
    asked = {in_snakes(name): spelled(of["Value"]) for name, of in all_of("Outputs").items()}

    assert {name: of["value"] for name, of in hcl.named("output").items()} == asked
