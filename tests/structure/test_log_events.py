"""What the program logs at warn or error stands in docs/: who is called at night looks there."""

import re

from test_includes import ROOT

FLOORS = ("base", "aws", "state", "queues", "handlers", "worker")
AT_WARN = re.compile(r'\blog\w*(?:\(\))?(?:\.|->)(?:warn|error)\(\s*"(\w+)"')
BY_LEVEL = re.compile(r'\bwrite\(([^;"]*log_level::(?:warn|error)[^;"]*)"(\w+)"')


def sources():
    return "\n".join(path.read_text() for floor in FLOORS for end in ("h", "cc") for path in sorted((ROOT / floor).glob(f"*.{end}")))


def events(text):
    return set(AT_WARN.findall(text)) | {event for _, event in BY_LEVEL.findall(text)}


def test_events_are_found_however_they_are_written():
    text = 'log.warn("a", {}); in.log().error(\n "b"); self->log.error("c"); log_.write(x ? log_level::warn : log_level::info, "d"); log.info("e");'

    assert events(text) == {"a", "b", "c", "d"}
    assert len(events(sources())) > 70


def test_what_is_logged_at_warn_or_error_is_documented():
    told = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))

    assert sorted(event for event in events(sources()) if f"`{event}`" not in told) == []
