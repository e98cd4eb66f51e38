"""The arrows of docs/architecture.md: which folder may include which, and where third-party headers may appear."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOORS = ("base", "aws", "queues", "state", "handlers", "worker", "simulator")

MAY_INCLUDE = {
    "base": {"base"},
    "aws": {"base", "aws"},
    "queues": {"base", "aws", "queues"},
    "state": {"base", "aws", "state"},
    "handlers": {"base", "aws", "state", "handlers"},
    "worker": {"base", "aws", "queues", "state", "handlers", "worker"},
    "simulator": {"base", "aws", "simulator"},
}

# Of the program, only its commands that run a simulator know it.
KNOW_THE_SIMULATOR = re.compile(r"worker/(main|demo|simulate)\w*\.(h|cc)$")

# A header (by prefix) and the files it may appear in.
THIRD_PARTY = {
    "curl/": r"aws/",
    "openssl/": r"aws/",
    "pugixml": r"aws/",
    "sqlite3.h": r"state/",
    "yaml-cpp/": r"worker/config",
    "boost/beast": r"aws/http_answer|worker/status|simulator/port",
    "prometheus/": r"base/metrics?|worker/status",
    "CLI/": r"worker/main",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def sources():
    return [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*")) if path.suffix in (".h", ".cc")]


def wrong_includes(name, text):
    """Every include of a file that breaks an arrow, as "file includes header"."""
    floor = name.split("/")[0]
    for own, foreign in INCLUDE.findall(text):
        target = own.split("/")[0] if own else None
        allowed = MAY_INCLUDE[floor] | ({"simulator"} if KNOW_THE_SIMULATOR.match(name) else set())
        if own and (target not in FLOORS or target not in allowed):
            yield f'{name} includes "{own}"'
        for prefix, where in THIRD_PARTY.items():
            if (foreign or own).startswith(prefix) and not re.match(where, name):
                yield f"{name} includes <{foreign or own}>"


def test_every_include_follows_the_arrows():
    wrong = [each for path in sources() for each in wrong_includes(str(path.relative_to(ROOT)), path.read_text())]

    assert wrong == []


@pytest.mark.parametrize(
    "name, line",
    [
        ("base/clock.h", '#include "aws/sqs.h"'),
        ("aws/sqs.cc", '#include "queues/queue.h"'),
        ("queues/queue.cc", '#include "handlers/event.h"'),
        ("state/store.cc", '#include "handlers/event.h"'),
        ("queues/queue.cc", '#include "state/store.h"'),
        ("handlers/event.cc", "#include <sqlite3.h>"),
        ("handlers/event.cc", '#include "queues/queue.h"'),
        ("handlers/drain_ecs.cc", '#include "worker/config.h"'),
        ("simulator/ecs.cc", '#include "handlers/event.h"'),
        ("worker/service.cc", '#include "simulator/world.h"'),
        ("worker/config.cc", '#include "config.h"'),
        ("handlers/event.cc", "#include <curl/curl.h>"),
        ("simulator/world.cc", "#include <openssl/evp.h>"),
        ("worker/main.cc", "#include <yaml-cpp/yaml.h>"),
        ("aws/client.cc", "#include <boost/beast/core.hpp>"),
        ("queues/queue.cc", "#include <prometheus/counter.h>"),
        ("worker/demo.cc", "  #  include <CLI/CLI.hpp>"),
    ],
)
def test_an_include_against_the_arrows_is_found(name, line):
    assert len(list(wrong_includes(name, f"#pragma once\n{line}\n"))) == 1


@pytest.mark.parametrize(
    "name, line",
    [
        ("worker/main.cc", '#include "simulator/world.h"'),
        ("worker/demo_story.cc", '#include "simulator/port.h"'),
        ("worker/simulate.cc", '#include "simulator/port.h"'),
        ("handlers/hook.h", '#include "aws/autoscaling.h"'),
        ("simulator/port.cc", "#include <boost/beast/http.hpp>"),
    ],
)
def test_an_include_along_the_arrows_is_not(name, line):
    assert list(wrong_includes(name, line)) == []
