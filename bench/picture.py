"""docs/growth.png. Run by the Python that has matplotlib: bench/requirements.txt, which ./dev installs for the full bench.

usage: picture.py OUTPUT.png < series.json
"""

import json
import math
import sys

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot, ticker  # noqa: E402

from curves import DRAWN, IN_HAND, bends, short  # noqa: E402

LINE, BEND = "#1f5f8b", "#c0392b"
ROWS = 2


def panel(axes, points, key, bent):
    title, unit, expected = DRAWN[key]
    hooks, values = [each["hooks"] for each in points], [each[key] for each in points]
    axes.plot(hooks, values, "o-", color=LINE, linewidth=1.8, markersize=5)
    for each in bent:
        ends = each["from"], each["to"]
        axes.plot([end["hooks"] for end in ends], [end[key] for end in ends], color=BEND, linewidth=3, alpha=0.7)
    for x, y in zip(hooks, values):
        axes.annotate(short(y), (x, y), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=8)
    axes.set_xscale("log")
    axes.set_yscale("log" if expected else "linear")
    axes.xaxis.set_major_formatter("{x:.0f}")
    if expected:
        axes.yaxis.set_major_formatter("{x:.0f}")
        axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    low, high = min(values), max(values)
    axes.set_ylim(*((low / 2, high * 3) if expected else (0, high * 1.3)))
    axes.set_xlim(hooks[0] / 2, hooks[-1] * 2)
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel("hooks in hand" if key == IN_HAND else "hooks at once", fontsize=8)
    axes.set_ylabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def draw(series, path):
    found = bends(series)
    columns = math.ceil(len(series) / ROWS)
    figure, grid = pyplot.subplots(ROWS, columns, figsize=(4.5 * columns, 6.4), layout="constrained")
    for axes in grid.flat[len(series) :]:
        axes.set_axis_off()
    for axes, (key, points) in zip(grid.flat, series.items()):
        panel(axes, points, key, [each for each in found if each["curve"] == key])
    if found:
        figure.supxlabel("red: steeper than a constant price of a hook", fontsize=8, color=BEND)
    figure.savefig(path, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    draw(json.load(sys.stdin), sys.argv[1])
