"""deploy/alarms.yaml, and CloudWatch's filter patterns of JSON lines: as much of them as stands there."""

import re

import cfnlint.decode.cfn_yaml

from test_includes import ROOT

COMPARISON = re.compile(r'\$\.(\w+) = "(\w+)"')
LIMIT = re.compile(r"\$\.(\w+) >= (\d+)")
TOKEN = re.compile(rf"\s*(?:({COMPARISON.pattern})|({LIMIT.pattern})|(&&|\|\||[()]))")
WORDS = {"&&": "and", "||": "or", "(": "(", ")": ")"}


def resources():
    return cfnlint.decode.cfn_yaml.load(str(ROOT / "deploy/alarms.yaml"))["Resources"]


def patterns():
    """{alarm: the pattern of the lines it counts}"""
    all_of = resources()
    return {name: all_of[f"{name}Lines"]["Properties"]["FilterPattern"] for name, of in all_of.items() if of["Type"].endswith("Alarm")}


def compared(pattern):
    """[(field, word)] of each comparison in it."""
    return COMPARISON.findall(pattern)


def python_of(pattern):
    text, made, at = pattern.strip().removeprefix("{").removesuffix("}").strip(), [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token, f"not understood: {text[at:]}"
        equal, least = f"line.get({token[2]!r}) == {token[3]!r}", f"line.get({token[5]!r}, -1) >= {token[6]}"
        made.append(equal if token[1] else least if token[4] else WORDS[token[7]])
        at = token.end()
    return " ".join(made)


def matches(pattern, line):
    """Whether CloudWatch would count this line, a dict."""
    return eval(python_of(pattern), {"line": line})  # noqa: S307, of nothing but comparisons and their joints
