"""What bench/README.md says of what was measured, with figures made up. Nothing is timed here."""

import json
import sys

import pytest

from bench_figures import NANOSECONDS, figures, growth_row, held_row, phase
from test_includes import ROOT

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/conformance")]

import comparison  # noqa: E402
import report  # noqa: E402
from curves import bends, series  # noqa: E402
from limited import limited  # noqa: E402
from reaches import REACHES, exact, table  # noqa: E402


def page_of(nanoseconds):
    return f"# A page\n\n{comparison.table(comparison.compared(nanoseconds, ''))}\n\nAgain: `./dev bench`.\n"


def ratios(nanoseconds, page):
    return {row["decision"]: row["ratio"] for row in comparison.compared(nanoseconds, page)}


def test_a_decision_that_costs_more_than_it_did_is_marked():
    rows = comparison.compared(NANOSECONDS | {"sign": 1500.0 * 1.3}, page_of(NANOSECONDS))

    assert [row["decision"] for row in rows if comparison.is_dearer(row)] == ["sign"]
    assert [line for line in comparison.table(rows).splitlines() if "**" in line] == [
        "| **sign** | **1950** | **512,821** | **1.95** | **1.5** | **1.30** |"
    ]
    assert [line for line in comparison.said(rows) if "DEARER" in line] == [
        "micro, sign: 1950 ns, 1.95 yardsticks, before 1.5, ratio 1.30  <- DEARER"
    ]
    assert list(comparison.said(rows))[-1] == "micro: Over 1.25 times what it did costs: sign (1.30)."


def test_a_slower_machine_makes_no_decision_dearer():
    slower = {name: each * 3 for name, each in NANOSECONDS.items()}

    rows = comparison.compared(slower, page_of(NANOSECONDS))

    assert [row["ratio"] for row in rows[1:]] == pytest.approx([1, 1, 1])
    assert "None costs over" in comparison.verdict(rows)


def test_a_row_that_was_marked_is_compared_again():
    marked = comparison.table(comparison.compared(NANOSECONDS | {"sign": 3000.0}, page_of(NANOSECONDS)))

    assert "**sign**" in marked
    assert ratios(NANOSECONDS, marked)["sign"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "page",
    [
        "",
        page_of(NANOSECONDS).replace("a stick", "another stick"),
        "| decision | ns | a second |\n|---|---|---|\n| sign | 1500 | 666,666 |\n",
        "## The decisions alone\n\nLeft out of this run (`--without`).\n",
    ],
)
def test_without_multiples_of_the_same_yardstick_nothing_is_compared(page):
    rows = comparison.compared(NANOSECONDS, page)

    assert {row["ratio"] for row in rows} == {None}
    assert "nothing to compare with" in comparison.verdict(rows)


def test_the_page_that_was_written_is_what_the_next_is_compared_with():
    before = report.page(figures())

    after = report.page(figures() | {"page_before": before, "micro": NANOSECONDS | {"parse": 900.0}})

    assert "nothing to compare with" in before
    assert "**Over 1.25 times what it did costs: parse (1.29).**" in after


@pytest.mark.parametrize(
    ("value", "limit", "digits", "text"),
    [
        (2.994, 3, 2, "2.99"),
        (2.998, 3, 2, "2.998"),
        (3.0004, 3, 2, "3.0004"),
        (3.0, 3, 2, "3.00"),
        (0.0026, 0.003, 4, "0.0026"),
        (0.55, 0.6, 0, "0.55"),
        (float("inf"), 10, 1, "inf"),
    ],
)
def test_a_figure_is_printed_on_its_side_of_the_limit(value, limit, digits, text):
    assert exact(value, limit, digits) == text


def verdicts(of):
    return {name: reach.verdict(of) for name, reach in REACHES.items()}


def test_every_reach_has_a_row_and_is_kept_by_figures_that_keep_it():
    of = figures()

    assert set(verdicts(of).values()) == {"kept"}
    assert table(of).count("| kept |") == len(REACHES)
    assert "missed" not in report.page(of)


# What is worse than the reach, by reach: where it stands among the figures.
WORSE = {
    "saturated_cpu": ("saturated", "lifehook", "cpu", 0.0501),
    "late_rate": ("late", "lifehook", "rate", 7999.0),
    "late_p99": ("late", "lifehook", "p99", 95.1),
    "paced_p50": ("paced", "lifehook", "p50", 0.61),
    "paced_p99": ("paced", "lifehook", "p99", 2.1),
    "spot_cold": ("spot", 0, "own_p50", 2.1),
    "spot_warm": ("spot", 1, "own_p50", 2.1),
    "spot_calls": ("spot", 1, "calls", [{"operation": "DescribeTargetHealth", "ms": 0.1}] * 2),
    "idle_rss": ("idle", "lifehook", "rss", 12.1),
    "idle_cpu": ("idle", "lifehook", "cpu", 0.0031),
    "held_memory": ("held", 1, held_row(100_000, 4.1)),
    "held_late": ("held", 0, "late_messages", 1.0),
    "reads_on_top": ("reads", "phases", 0, phase("found", 25.0, 24.1)),
    "reads_looks": ("reads", "look_every", 10.1),
    "reads_expired": ("reads", "expired", 1.0),
    "start": ("start", "lifehook", "first", 15.1),
    "binary": ("image", "binary", 2.87),
    "closure": ("image", "closure", 25.0),
}


@pytest.mark.parametrize("name", REACHES)
def test_a_reach_that_is_missed_is_told_as_missed(name):
    of = figures()
    *path, last, value = WORSE[name]
    inner = of
    for each in path:
        inner = inner[each]
    inner[last] = value

    told = verdicts(of)

    assert [each for each, verdict in told.items() if verdict == "**missed**"] == [name]
    assert report.page(of).count("**missed**") in (1, 2)  # in the table, and in the part's own words where it has any


def test_memory_in_hand_is_judged_by_the_largest_run():
    of = figures() | {"held": [held_row(10_000, 6.0), held_row(100_000, 3.2)]}

    assert verdicts(of)["held_memory"] == "kept"
    assert "| 100000 hooks in hand: KiB each | at most 4 | 3.20 | kept |" in table(of)


def test_parts_left_out_are_told_as_left_out():
    of = figures()
    without = {key: each for key, each in of.items() if key not in ("held", "spot", "image")}

    left_out = {name for name, verdict in verdicts(without).items() if verdict == "left out"}

    assert left_out == {"spot_cold", "spot_warm", "spot_calls", "held_memory", "held_late", "binary", "closure"}
    assert report.page(without).count("| - | left out |") == len(left_out)


def test_the_sum_of_the_serial_calls_is_on_the_page():
    page = report.page(figures())

    assert "4 x 20 ms = 80 ms" in page
    assert "p99 within 15 ms of that sum (kept: 11.0 ms above it)" in page


@pytest.mark.parametrize(
    ("part", "row", "name"),
    [
        ("tls", "Go", "Go in tls"),
        ("spot", 1, "warm, 0 ms in spot"),
        ("replicas", 0, "2 processes in replicas"),
        ("growth", 2, "100000 hooks in growth"),
    ],
)
def test_the_endpoint_is_told_to_have_been_the_limit_in_any_part(part, row, name):
    of = figures()
    of[part][row] |= {"busy": 0.95, "worst_busy": 0.95}

    assert limited(of) == f"**The endpoint was the limit (busy more than 90 %) for: {name}.**"
    assert report.page(of).count("**95 %, 95 % at the worst: the limit**") == 1


def test_a_curve_that_bends_without_a_reason_is_told_to_be_unexplained():
    dear = growth_row(100_000) | {"cpu": 0.09}
    of = figures() | {"growth": [growth_row(10), growth_row(1000), dear]}
    of["held"] = [held_row(10_000, 3.0), held_row(100_000, 6.0)]

    bent = [each["curve"] for each in bends(series(of))]
    told = [line for line in report.page(of).splitlines() if "bends upwards**" in line]

    assert bent == ["cpu", "in_hand"]
    assert all(line.endswith("**Nobody has explained this yet.**") for line in told)
    assert len(told) == len(bent)


def test_what_is_drawn_is_sent_to_the_painter_as_json():
    assert set(json.loads(json.dumps(series(figures())))) == {"calls", "cpu", "rss", "delay", "in_hand"}
