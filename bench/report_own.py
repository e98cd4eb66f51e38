"""The sections of bench/README.md that are about lifehook alone. Each is given its part's figures and answers Markdown."""

import comparison
from curves import BENT, CURVES, DRAWN, IN_HAND, bends, series, short
from limited import busy
from reaches import READS_A_SECOND, READS_SAVED, REACHES, each_kib, most_in_hand


def rows(all_of, cells):
    return "\n".join("| " + " | ".join(cells(each)) + " |" for each in all_of)


SPOT = """\
From the answer that carries an `EC2 Spot Instance Interruption Warning` to DeregisterTargets, both at the endpoint.
Cold: the first warning of a process, {starts} processes; warm: {warm} more of the same group in each, {every} a second.
"Own" leaves out the answers that were waited for. Reach: {reach} ms of its own, taken as the p50 with answers at once
(cold {cold_own}, warm {warm_own}), and with a warm cache one call ({warm_calls}).

| caches | answers late by | warnings | p50 ms | p99 ms | own p50 | own p99 | calls, with the ms at which they came | endpoint busy |
|---|---|---|---|---|---|---|---|---|
{table}"""


def chain(calls):
    return ", ".join(f"{each['operation']} {each['ms']:.1f}" for each in calls)


def spot(figures, every):
    size, calls = figures["size"], REACHES["spot_calls"]
    table = rows(
        figures["spot"],
        lambda of: (
            of["cache"],
            f"{of['delay']} ms",
            f"{of['warnings']}",
            f"{of['p50']:.2f}",
            f"{of['p99']:.2f}",
            REACHES["spot_cold"].text(of["own_p50"]),
            f"{of['own_p99']:.2f}",
            chain(of["calls"]),
            busy(of),
        ),
    )
    return SPOT.format(
        starts=size["spot_starts"],
        warm=size["warm_warnings"],
        every=every,
        reach=REACHES["spot_cold"].limit,
        cold_own=REACHES["spot_cold"].verdict(figures),
        warm_own=REACHES["spot_warm"].verdict(figures),
        warm_calls=f"{calls.verdict(figures)}: {calls.measured(figures)}",
        table=table,
    )


REPLICAS = """\
Processes on one queue, all on the client's core, all messages at once.

| processes | hooks | hooks/s | CPU-s per 1000 hooks | AWS calls per hook | completed by each | endpoint busy |
|---|---|---|---|---|---|---|
{table}"""


def replicas(figures):
    share = lambda of: ", ".join(f"{did} ({did / of['hooks'] * 100:.0f} %)" for did in of["each"])
    table = rows(
        figures["replicas"],
        lambda of: (
            f"{of['replicas']}",
            f"{of['hooks']}",
            f"{of['rate']:.0f}",
            f"{of['cpu']:.3f}",
            f"{of['calls']:.2f}",
            share(of),
            busy(of),
        ),
    )
    return REPLICAS.format(table=table)


GROWTH = """\
All at once at the endpoint, answers without delay; medians of {rounds} up to 1000 hooks. Memory is the highest of the
process, its start included. {in_hand}

![growth](../docs/growth.png)

| hooks | {heads} | endpoint busy |
|---|{lines}---|
{table}

{bent}"""

UNEXPLAINED = "**Nobody has explained this yet.**"
IN_HAND_DRAWN = "Memory in hand is what each hook takes above idle, in the part below."
IN_HAND_LEFT_OUT = "Memory in hand is not drawn: that part was left out of this run."


def told(bend, reasons):
    title, unit, _ = DRAWN[bend["curve"]]
    before, after, key = bend["from"], bend["to"], bend["curve"]
    return (
        f"- **{title} bends upwards** from {before['hooks']} to {after['hooks']} hooks: {short(before[key])} to {short(after[key])} "
        f"{unit}, slope {bend['slope']:.2f} where a constant price has {bend['expected']}. {reasons.get(key, UNEXPLAINED)}"
    )


def growth(figures, reasons):
    points, curves = figures["growth"], series(figures)
    table = rows(points, lambda of: (f"{of['hooks']}", *(short(of[key]) for key in CURVES), busy(of)))
    straight = f"No curve bends upwards: none is steeper by more than {BENT} than a constant price of a hook would have it."
    return GROWTH.format(
        rounds=figures["size"]["growth_rounds"],
        in_hand=IN_HAND_DRAWN if IN_HAND in curves else IN_HAND_LEFT_OUT,
        heads=" | ".join(f"{title}, {unit}" for title, unit, _ in CURVES.values()),
        lines="---|" * len(CURVES),
        table=table,
        bent="\n".join(told(each, reasons) for each in bends(curves)) or straight,
    )


HELD = """\
Each waits for a task that does not stop, in `lifehook simulate`, in clusters of at most 5000 instances; the hook's timeout
is {heartbeat} s; lifehook keeps to its budget as it does by default. Memory is read {settles} s after all are DRAINING; then they
are kept until there was a heartbeat for each. Late are messages received twice or visible again, and hooks no longer held.
Reach: up to {reach} KiB for each of {most} hooks above idle ({each}), none late in any row ({late}).

| hooks | MiB | KiB each | MiB at the end | MiB at the peak | DRAINING | after | kept | of a core | heartbeats | visibility batches | late messages | late hooks |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
{table}"""


def held(figures):
    size = figures["size"]
    table = rows(
        figures["held"],
        lambda of: (
            f"{of['hooks']}",
            f"{of['resident']:.1f}",
            REACHES["held_memory"].text(each_kib(of, figures)),
            f"{of['at_end']:.1f}",
            f"{of['peak']:.1f}",
            "all" if of["draining"] == of["hooks"] else f"**{of['draining']}**",
            f"{of['taken_in']:.0f} s",
            f"{of['kept']:.0f} s",
            f"{of['busy'] * 100:.0f} %",
            f"{of['heartbeats']:.0f}",
            f"{of['extensions']}",
            f"{of['late_messages']:.0f}",
            f"{of['late_hooks']:.0f}",
        ),
    )
    return HELD.format(
        heartbeat=size["held_heartbeat"],
        settles=size["held_settles"],
        reach=REACHES["held_memory"].limit,
        most=most_in_hand(figures)["hooks"],
        each=REACHES["held_memory"].verdict(figures),
        late=REACHES["held_late"].verdict(figures),
        table=table,
    )


READS = """\
{hooks} instances of {clusters} clusters end at once in `lifehook simulate`; lifehook keeps to its budget as it does by default.
Their tasks run for twice {run} s, are told to stop over {stop} s, and take 5 s each to do so. AWS's bucket gives {a_second} reads a second, and
holds {saved} when it is full: a phase after one that left some may have these on top. Reach: no more than that in any phase
({within}: {on_top} on top). Calls a second, as the simulator counts them:

| phase | seconds | of a core | ECS reads a second | {heads} |
|---|---|---|---|{lines}
{table}

While the tasks run, each instance is looked at every {every} s at the worst (reach: {reach} s, {looks}). From a task's end to its hook's
completion: p50 {p50:.1f} s, p99 {p99:.1f} s, at most {most:.1f} s; that is the wait for the next look, the look at tasks still
stopping, and the completion. With a hook timeout of {heartbeat} s there were {heartbeats:.0f} heartbeats; hooks that expired: {expired}.
At its peak the worker had {peak:.0f} MiB resident, 35 s after the last hook {after:.0f}."""


def reads(figures):
    of, size = figures["reads"], figures["size"]
    operations = sorted({name for phase in of["phases"] for name in phase["reads"]})
    table = rows(
        of["phases"],
        lambda phase: (
            phase["phase"],
            f"{phase['seconds']:.0f}",
            f"{phase['cpu'] * 100:.0f} %",
            f"{sum(phase['reads'].values()):.1f}",
            *(f"{phase['reads'].get(name, 0):.1f}" for name in operations),
        ),
    )
    return READS.format(
        hooks=of["hooks"],
        clusters=of["clusters"],
        run=size["reads_run"],
        stop=size["reads_stop"],
        heads=" | ".join(operations),
        lines="---|" * len(operations),
        table=table,
        p50=of["noticed"]["p50"],
        p99=of["noticed"]["p99"],
        most=of["noticed"]["max"],
        a_second=READS_A_SECOND,
        saved=READS_SAVED,
        within=REACHES["reads_on_top"].verdict(figures),
        on_top=REACHES["reads_on_top"].measured(figures),
        reach=REACHES["reads_looks"].limit,
        every=REACHES["reads_looks"].measured(figures),
        looks=REACHES["reads_looks"].verdict(figures),
        heartbeat=of["heartbeat"],
        heartbeats=of["heartbeats"],
        peak=of["memory"]["peak"],
        after=of["memory"]["after"],
        expired=f"**{of['expired']:.0f}**" if of["expired"] else "0",
    )


def image(figures):
    of, binary, closure = figures["image"], REACHES["binary"], REACHES["closure"]
    largest = ", ".join(f"{name} {size:.1f}" for name, size in of["largest"].items())
    return (
        f"The stripped binary of the image (`lifehook_slim`: without the simulator) has {binary.measured(figures)} MB "
        f"(reach: {binary.limit}, {binary.verdict(figures)}); with the {of['libraries']} shared libraries that `ldd` names "
        f"{closure.measured(figures)} MB, that is {of['closure']:.1f} MiB (reach: {closure.limit} MB, {closure.verdict(figures)}; "
        f"the largest, in MiB: {largest})."
    )


MICRO = """\
The yardstick is arithmetic and small blocks of the heap, measured in the same run: so what a decision costs can be compared with
what it cost on the page before (`before`), of another day and perhaps another machine. {verdict}

{table}"""


def micro(figures):
    compared = comparison.compared(figures["micro"], figures["page_before"])
    return MICRO.format(verdict=comparison.verdict(compared), table=comparison.table(compared))
