"""The reaches: what lifehook is to cost at most. Each is judged here, whoever prints it."""

import dataclasses
from collections.abc import Callable

# The answers lifehook waits for, one after the other, from a message written to its completion read, at the endpoint,
# which is late with each of them. The receive's own answer is written before that time begins, the completion's after it.
SERIAL = ("ListContainerInstances", "DescribeContainerInstances", "UpdateContainerInstancesState", "ListTasks")

READS_A_SECOND, READS_SAVED = 20, 100  # what AWS's bucket for ECS's reads gives, and what it holds when it is full
LEFT_OUT = "left out"
FLOOR_CPU = 0.040  # per 1000 hooks, of the floor, unbatched, on the machine for which the reaches were set


def exact(value, limit, digits):
    """With more digits where fewer would put it onto the limit, or beyond."""
    side = lambda number: (number > limit) - (number < limit)
    while side(float(f"{value:.{digits}f}")) != side(value):
        digits += 1
    return f"{value:.{digits}f}"


def serial_ms(figures):
    return len(SERIAL) * figures["size"]["delay_ms"]


def spot_at_once(figures, cache):
    return next(each for each in figures["spot"] if each["cache"] == cache and not each["delay"])


def each_kib(run, figures):
    """Of a hook in hand, above what an idle worker has."""
    return (run["resident"] - figures["idle"]["lifehook"]["rss"]) * 1024 / run["hooks"]


def most_in_hand(figures):
    return max(figures["held"], key=lambda run: run["hooks"])


def too_late(run):
    return max(0, run["late_messages"]) + max(0, run["late_hooks"])


def reads_on_top(phase):
    """What a phase read of ECS beyond what the bucket gave meanwhile."""
    return max(0, round(sum(phase["reads"].values()) * phase["seconds"]) - READS_A_SECOND * phase["seconds"])


def megabytes(mebibytes):
    return mebibytes * (1 << 20) / 1e6


@dataclasses.dataclass(frozen=True)
class Reach:
    part: str  # of the bench, that measures it
    measure: str
    limit: float
    digits: int
    of: Callable  # the figures of all parts
    at_least: bool = False

    def asked(self):
        return f"at {'least' if self.at_least else 'most'} {self.limit:g}" if self.limit else "none"

    def text(self, value):
        return exact(value, self.limit, self.digits)

    def measured(self, figures):
        return self.text(self.of(figures)) if self.part in figures else "-"

    def verdict(self, figures):
        if self.part not in figures:
            return LEFT_OUT
        value = self.of(figures)
        return "kept" if (value >= self.limit if self.at_least else value <= self.limit) else "**missed**"


def own(part, key):
    """Of lifehook, in a part that others take, too."""
    return lambda figures: figures[part]["lifehook"][key]


REACHES = {
    "saturated_cpu": Reach("saturated", "saturated: CPU-s per 1000 hooks", 0.05, 4, own("saturated", "cpu")),
    "late_rate": Reach("late", "every answer {delay_ms} ms late: hooks/s", 8000, 0, own("late", "rate"), at_least=True),
    "late_p99": Reach(
        "late",
        "every answer {delay_ms} ms late: p99 ms above the sum of the serial calls",
        15,
        1,
        lambda figures: figures["late"]["lifehook"]["p99"] - serial_ms(figures),
    ),
    "paced_p50": Reach("paced", "{pace} hooks a second: p50 ms", 0.6, 2, own("paced", "p50")),
    "paced_p99": Reach("paced", "{pace} hooks a second: p99 ms", 2, 2, own("paced", "p99")),
    "spot_cold": Reach(
        "spot", "spot warning, cold: ms of its own, p50", 2, 2, lambda figures: spot_at_once(figures, "cold")["own_p50"]
    ),
    "spot_warm": Reach(
        "spot", "spot warning, warm: ms of its own, p50", 2, 2, lambda figures: spot_at_once(figures, "warm")["own_p50"]
    ),
    "spot_calls": Reach(
        "spot", "spot warning, warm: calls", 1, 0, lambda figures: len(spot_at_once(figures, "warm")["calls"])
    ),
    "idle_rss": Reach("idle", "idle: MiB resident", 12, 1, own("idle", "rss")),
    "idle_cpu": Reach("idle", "idle: CPU %", 0.003, 4, own("idle", "cpu")),
    "held_memory": Reach(
        "held", "{most} hooks in hand: KiB each", 4, 2, lambda figures: each_kib(most_in_hand(figures), figures)
    ),
    "held_late": Reach(
        "held",
        "up to {most} hooks in hand: messages and hooks late",
        0,
        0,
        lambda figures: sum(map(too_late, figures["held"])),
    ),
    "reads_on_top": Reach(
        "reads",
        f"{{reads}} drains: ECS reads beyond {READS_A_SECOND}/s in the worst phase (AWS's bucket holds {READS_SAVED})",
        READS_SAVED,
        0,
        lambda figures: max(map(reads_on_top, figures["reads"]["phases"])),
    ),
    "reads_looks": Reach(
        "reads", "{reads} drains: s between two looks", 10, 1, lambda figures: figures["reads"]["look_every"]
    ),
    "reads_expired": Reach("reads", "{reads} drains: hooks expired", 0, 0, lambda figures: figures["reads"]["expired"]),
    "start": Reach("start", "ms from exec to the first ReceiveMessage, median", 15, 1, own("start", "first")),
    "binary": Reach("image", "stripped binary, MB", 3, 3, lambda figures: megabytes(figures["image"]["binary"])),
    "closure": Reach(
        "image", "binary and its libraries, MB", 26, 1, lambda figures: megabytes(figures["image"]["closure"])
    ),
}


def table(figures):
    size = figures["size"]
    told = {key: size[key] for key in ("delay_ms", "pace", "reads")} | {"most": max(size["held"])}
    return "| measure | reach | measured | verdict |\n|---|---|---|---|\n" + "\n".join(
        f"| {each.measure.format(**told)} | {each.asked()} | {each.measured(figures)} | {each.verdict(figures)} |"
        for each in REACHES.values()
    )
