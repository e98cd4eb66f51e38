"""The curves of growth, and where one bends upwards."""

import itertools
import math

# Of each curve: its title, its unit, and the slope it has on paper of two logarithms while a hook costs the same.
CURVES = {
    "calls": ("AWS calls", "per hook", 0),
    "cpu": ("CPU", "s per 1000 hooks", 0),
    "rss": ("Memory at the peak", "MiB resident", 1),
    "delay": ("Receipt to completion, p50", "ms", 1),
}
BENT = 0.1  # more slope than that is a bend: a quarter more for ten times the hooks


def slope(before, after, key):
    """On paper of two logarithms."""
    return math.log(after[key] / before[key]) / math.log(after["hooks"] / before["hooks"])


def bends(points):
    """Every stretch on which a curve is steeper than a constant price of a hook would have it."""
    found = []
    for key, (_, _, expected) in CURVES.items():
        for before, after in itertools.pairwise(points):
            steep = slope(before, after, key)
            if steep > expected + BENT:
                found.append({"curve": key, "from": before, "to": after, "slope": steep, "expected": expected})
    return found
