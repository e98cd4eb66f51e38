"""The curves of growth, and where one bends upwards."""

import itertools
import math

import reaches

# Of each curve: its title, its unit, and the slope it has on paper of two logarithms while a hook costs the same.
CURVES = {
    "calls": ("AWS calls", "per hook", 0),
    "cpu": ("CPU", "s per 1000 hooks", 0),
    "rss": ("Memory at the peak", "MiB resident", 1),
    "delay": ("Receipt to completion, p50", "ms", 1),
}
IN_HAND = "in_hand"  # drawn where the part that keeps hooks in hand was run, too
DRAWN = CURVES | {IN_HAND: ("Memory in hand", "KiB of each hook", 0)}
BENT = 0.1  # more slope than that is a bend: a quarter more for ten times the hooks


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def series(figures):
    """{curve: the points it goes through}."""
    found = {key: figures["growth"] for key in CURVES}
    if "held" not in figures:
        return found
    return found | {
        IN_HAND: [{"hooks": run["hooks"], IN_HAND: reaches.each_kib(run, figures)} for run in figures["held"]],
    }


def priced(points, key):
    """(point, value) of those that tell a price: of what grows with the hooks, what comes on top of the smallest run's,
    where it is more than a tenth of that."""
    if not DRAWN[key][2]:
        return [(each, each[key]) for each in points if each[key] > 0]
    base = points[0][key]
    return [(each, each[key] - base) for each in points[1:] if each[key] > base * 1.1]


def bends(curves):
    """Every stretch on which one of the series is steeper than a constant price of a hook would have it."""
    found = []
    for key, points in curves.items():
        expected = DRAWN[key][2]
        for (before, low), (after, high) in itertools.pairwise(priced(points, key)):
            steep = math.log(high / low) / math.log(after["hooks"] / before["hooks"])
            if steep > expected + BENT:
                found.append({"curve": key, "from": before, "to": after, "slope": steep, "expected": expected})
    return found
