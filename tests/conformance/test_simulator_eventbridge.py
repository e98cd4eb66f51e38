"""boto3 against EventBridge of `lifehook simulate`."""

from calls import code_of, uncalled


def test_an_account_has_no_rules(simulator):
    events = simulator.aws.events

    assert events.list_rule_names_by_target(TargetArn="arn:aws:sqs:eu-west-1:111122223333:life")["RuleNames"] == []
    assert code_of(events.describe_rule, Name="spot") == "ResourceNotFoundException"
    assert uncalled(simulator, "events") == set()
