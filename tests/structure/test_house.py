"""Rules of the house a reader would otherwise have to watch over: sizes, words, pairs of files, who may start a task."""

import re

import pytest

from test_includes import ROOT, sources

LONGEST_FILE = 400
LONGEST_IN_PYTHON = 300
FORBIDDEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|#\s*define\b|std::(thread|mutex|atomic)\b|asio::detached")
CO_SPAWN = re.compile(r"\bco_spawn\s*\(")
MAY_SPAWN = re.compile(r"base/(task_group|interrupt|within|async)\.(h|cc)|worker/main\.cc")

# Sources whose contract stands in a header of another name.
CONTRACTS = [
    (re.compile(r"worker/\w+_command\.cc"), "worker/commands.h"),
    (re.compile(r"handlers/parse\.cc"), "handlers/event.h"),
    (re.compile(r"handlers/parse_\w+\.cc"), "handlers/parse_bridge.h"),
]
WITHOUT_CONTRACT = {"base/asio_implementation.cc", "base/fmt_implementation.cc", "worker/main.cc"}


def names_and_texts():
    return [(str(path.relative_to(ROOT)), path.read_text()) for path in sources()]


def test_no_file_is_too_long():
    lengths = {name: text.count("\n") for name, text in names_and_texts()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_test_in_python_is_too_long():
    files = [*(ROOT / "tests/conformance").glob("*.py"), *(ROOT / "tests/structure").glob("*.py")]
    lengths = {path.name: path.read_text().count("\n") for path in files}

    assert len(lengths) > 40
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_IN_PYTHON} == {}


def test_no_forbidden_word_is_written():
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in names_and_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN.search(line)
    ]

    assert found == []


def has_header(name):
    """x.cc belongs to x.h; what is too long for one file goes on in x_part.cc."""
    folder, stem = name[: -len(".cc")].rsplit("/", 1)
    words = stem.split("_")
    headers = [f"{folder}/{'_'.join(words[:count])}.h" for count in range(1, len(words) + 1)]
    headers += [header for pattern, header in CONTRACTS if pattern.fullmatch(name)]
    return any((ROOT / header).exists() for header in headers)


def test_every_source_has_its_header():
    names = [name for name, _ in names_and_texts() if name.endswith(".cc")]

    assert [name for name in names if name not in WITHOUT_CONTRACT and not has_header(name)] == []


def test_every_header_is_included_once_only():
    assert [name for name, text in names_and_texts() if name.endswith(".h") and "#pragma once" not in text] == []


def test_tasks_are_started_by_their_parent_only():
    assert [name for name, text in names_and_texts() if CO_SPAWN.search(text) and not MAY_SPAWN.match(name)] == []


def test_no_file_is_named_for_nothing():
    nameless = re.compile(r"(^|_)(utils?|helpers?|managers?|common|items?|data|misc)(_|$)")

    assert [name for name, _ in names_and_texts() if nameless.search(name.split("/")[-1].rsplit(".", 1)[0])] == []


@pytest.mark.parametrize("line", ["// TODO: later", "#define LIMIT 3", "std::thread t;", "co_spawn(x, y, asio::detached);"])
def test_a_forbidden_word_is_found(line):
    assert FORBIDDEN.search(line)
