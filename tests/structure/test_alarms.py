"""deploy/alarms.yaml: what CloudFormation takes, and what the log says. Its lines of a real worker: tests/conformance/test_log_alarms.py."""

import re

import cfnlint.api
import pytest

import log_filter
from test_includes import ROOT
from test_prometheus import alert_expressions

# Beside it: deploy/queue.yaml's alarms tell of a queue that nobody empties, docker of lines that are lost; and no line says
# that a deadline is near.
NOT_IN_THE_LOG = {"Down", "Absent", "DeadlineNear", "Backlog", "LogLost"}
OF_THE_LOG_ALONE = {"NoState", "Bug"}
OTHER_NAMES = {"HookEndedEarly": "HooksEndedEarly", "LaunchFails": "LaunchesFail", "CredentialsExpire": "NoCredentials"}


def sources():
    return "\n".join(path.read_text() for part in ("worker", "queues", "handlers", "aws") for path in (ROOT / part).glob("*.cc"))


def alerts():
    return re.findall(r"alert: Lifehook(\w+)", (ROOT / "deploy/alerts.yaml").read_text())


def outcomes(text):
    (found,) = {tuple(sorted(each.split("|"))) for each in re.findall(r'outcome=~"([^"]*)"', text) if "lost" in each}
    return found


def test_it_has_no_fault_for_cfn_lint():
    assert [str(fault) for fault in cfnlint.api.lint((ROOT / "deploy/alarms.yaml").read_text())] == []


def test_every_alert_of_prometheus_that_the_log_can_tell_is_an_alarm():
    told = {OTHER_NAMES.get(each, each) for each in alerts() if each not in NOT_IN_THE_LOG}

    assert set(log_filter.patterns()) == told | OF_THE_LOG_ALONE


@pytest.mark.parametrize("name", log_filter.patterns())
def test_an_alarm_counts_what_its_filter_finds_and_tells_somebody(name):
    filtered, alarm = (log_filter.resources()[each]["Properties"] for each in (f"{name}Lines", name))
    (made,) = filtered["MetricTransformations"]

    assert (made["MetricName"], made["MetricValue"]) == (alarm["MetricName"], "1") == (name, "1")
    assert made["MetricNamespace"] == alarm["Namespace"]
    assert alarm["AlarmActions"]["Fn::If"][0] in {"HasPageTopic", "HasTicketTopic"}


@pytest.mark.parametrize("name", log_filter.patterns())
def test_the_program_logs_what_a_filter_looks_for(name):
    events = {word for field, word in log_filter.compared(log_filter.patterns()[name]) if field == "event"}
    text = sources()

    assert [each for each in events if not re.search(rf'"{each}"', text)] == []


@pytest.mark.parametrize("name", ["WorkLeft", "EventsFail", "LaunchesFail"])
def test_what_did_not_end_well_is_what_prometheus_is_told(name):
    said = {word for field, word in log_filter.compared(log_filter.patterns()[name]) if field == "outcome"}

    assert said | ({"lost"} if name == "LaunchesFail" else set()) == set(outcomes("\n".join(alert_expressions())))


def test_a_queue_that_fails_is_said_to_in_each_period_of_its_alarm():
    (minutes,) = re.findall(r"seldom failure_said_\{std::chrono::minutes\((\d+)\)\}", (ROOT / "queues/receive_outage.h").read_text())
    alarm = log_filter.resources()["ReceivesFail"]["Properties"]

    assert alarm["Threshold"] == 0
    assert alarm["Period"] > int(minutes) * 60 + 20 + 90, "the silence, the longest backoff, and a try without an answer"
    assert alarm["EvaluationPeriods"] == 2, "of one period a page would be of what is over"


def test_a_pattern_finds_the_lines_it_is_for_and_no_others():
    pattern = '{ ($.event = "ended") && (($.how = "a") || ($.how = "b")) }'

    assert log_filter.matches(pattern, {"event": "ended", "how": "b"})
    assert not log_filter.matches(pattern, {"event": "ended", "how": "c"})
    assert not log_filter.matches(pattern, {"event": "begun", "how": "a"})
    assert not log_filter.matches(pattern, {"event": "ended"})


def test_a_pattern_may_ask_for_a_number():
    pattern = '{ ($.event = "failed") && ($.attempt >= 3) }'

    assert log_filter.matches(pattern, {"event": "failed", "attempt": 5})
    assert not log_filter.matches(pattern, {"event": "failed", "attempt": 2})
    assert not log_filter.matches(pattern, {"event": "failed"})
