"""deploy/alerts.yaml and deploy/dashboard.json: what promtool takes, fires as its test says, and asks for metrics there are."""

import json
import re
import subprocess

import pytest
import yaml

from test_includes import ROOT

ALERTS = ROOT / "deploy/alerts.yaml"
DASHBOARD = ROOT / "deploy/dashboard.json"
FAMILY = re.compile(r'"(lifehook_\w+)",\s*(?:"[^"]*"\s*)+,\s*\{([^}]*)\}')  # in base/metrics.h: name, help, labels
SELECTOR = re.compile(r"\b((?:lifehook|process)_\w+)(?:\{([^}]*)\})?")
OF_SCRAPES = {"instance", "job"}
NOT_TOLD_AS_DENIED = {
    *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),  # LifehookReceivesFail pages for a queue that is not there
    *("IDPRejectedClaim", "InvalidIdentityToken"),  # STS's, while credentials are fetched: no counted calls, LifehookCredentialsExpire
    # signed again at once by AWS's clock (the log says clock_off) or with new keys; where that does not help no call is taken, LifehookReceivesFail
    *("RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"),
    *("ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "RequestExpired", "UnrecognizedClientException"),
}
OF_HISTOGRAMS = re.compile(r"_(bucket|count|sum)$")


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def families():
    """{metric: its labels}, as base/metrics.h has them."""
    text = (ROOT / "base/metrics.h").read_text()
    found = {name: set(re.findall(r'"(\w+)"', labels)) for name, labels in FAMILY.findall(text)}
    assert found.keys() == set(re.findall(r'"(lifehook_\w+)"', text))
    return found


def rows_of_page():
    """[name, the labels' cell] of the table of metrics in docs/metrics.md."""
    return re.findall(r"^\| `(lifehook_\w+)` \| ([^|]*)\| [^|]+ \|$", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)


def panels():
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def dashboard_expressions():
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def alert_expressions():
    return [rule["expr"] for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def codes_that_mean(denied):
    """Of the table in aws/fault.cc, those that mean `denied`, or all others."""
    table = re.findall(r'\{"([\w.]+)", errc::(\w+)\}', (ROOT / "aws/fault.cc").read_text())
    assert len(table) > 60
    return {code for code, meaning in table if (meaning == "denied") == denied}


def codes_of_the_alert(name):
    """The pattern, as Prometheus matches it: the whole of a code, written alike wherever it stands in the expression."""
    (rule,) = (each for each in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"] if each["alert"] == name)
    (pattern,) = set(re.findall(r'code=~"([^"]*)"', rule["expr"]))
    return re.compile(f"(?:{pattern})\\Z")


def filled_in(expression):
    """Without Grafana's variables, as Prometheus is asked."""
    return expression.replace("$__rate_interval", "5m").replace("$group", ".*")


def test_promtool_takes_the_rules_and_each_fires_for_what_it_is_named_for():
    assert promtool("check", "rules", str(ALERTS))[0] == 0
    assert promtool("test", "rules", str(ROOT / "tests/data/prometheus/alerts.yaml")) == (0, promtool_success())


def promtool_success():
    return f"Unit Testing:  {ROOT / 'tests/data/prometheus/alerts.yaml'}\n  SUCCESS\n\n"


def test_every_alert_has_a_test():
    tested = (ROOT / "tests/data/prometheus/alerts.yaml").read_text()
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    assert [rule["alert"] for rule in rules if rule["alert"] not in tested] == []


def test_what_aws_denies_is_an_alert():
    seen = codes_of_the_alert("LifehookDenied")

    assert {code for code in codes_that_mean(denied=True) if not seen.match(code)} == NOT_TOLD_AS_DENIED
    assert {code for code in codes_that_mean(denied=False) if seen.match(code)} == set()


@pytest.mark.parametrize("of_a_key", ["KmsAccessDenied", "KMSDisabled", "KmsInvalidState", "KMSNotFound", "KmsOptInRequired"])
def test_a_key_that_may_not_be_used_is_an_alert(of_a_key):
    assert codes_of_the_alert("LifehookDenied").match(of_a_key)


def test_prometheus_can_read_every_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{n}", "expr": filled_in(each)} for n, each in enumerate(dashboard_expressions())]
    file = tmp_path / "dashboard.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))

    status, said = promtool("check", "rules", str(file))

    assert status == 0, said


def test_alerts_that_pages_speak_of_are_there():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "deploy/README.md"]
    spoken_of = set().union(*(re.findall(r"\bLifehook[A-Z]\w+", page.read_text()) for page in pages))

    assert len(spoken_of) > 5
    assert spoken_of - set(re.findall(r"alert: (\w+)", (ROOT / "deploy/alerts.yaml").read_text())) == set()


@pytest.mark.parametrize("expression", alert_expressions() + dashboard_expressions())
def test_metrics_and_labels_are_those_the_program_has(expression):
    known = families()
    for name, matchers in SELECTOR.findall(filled_in(expression)):
        if name.startswith("process_"):
            continue
        labels = known[OF_HISTOGRAMS.sub("", name) if name not in known else name]
        assert set(re.findall(r"(\w+)\s*(?:=|!)", matchers)) <= labels, name
    grouped = {each.strip() for listed in re.findall(r"by \(([^)]*)\)", expression) for each in listed.split(",")}
    assert grouped <= set().union(*known.values()) | {"le"}


@pytest.mark.parametrize("name", families())
def test_a_metric_is_on_its_page_with_its_labels(name):
    (labels,) = (cell for metric, cell in rows_of_page() if metric == name)

    assert families()[name] == set(re.findall(r"`(\w+)`", labels)), name


def test_every_metric_is_on_the_dashboard():
    shown = " ".join(dashboard_expressions())
    not_shown = {name for name in families() if name not in shown}
    # Durations of calls are in the log of a slow day; lost lines are an alert.
    assert not_shown == {"lifehook_aws_request_duration_seconds", "lifehook_log_lines_dropped_total"}


def test_panels_stand_side_by_side_and_have_names_of_their_own():
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels())
    ids = [panel["id"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
    assert len(set(ids)) == len(ids)
