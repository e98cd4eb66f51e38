"""The sections of bench/README.md that are about lifehook alone. Each is given its part's figures and answers Markdown."""

from curves import BENT, CURVES, bends, short

REACH_OWN_MS = 2  # of a spot warning, beside its look-ups
REACH_EACH_KIB = 4  # of a hook in hand
REACH_MB, REACH_CLOSURE_MIB = 3, 26  # of the stripped binary, and with its libraries
REACH_LOOKS_S = 10  # between two looks at a draining instance
READS_A_SECOND, READS_SAVED = 20, 100  # what AWS's bucket for ECS's reads gives, and what it holds when it is full


def rows(all_of, cells):
    return "\n".join("| " + " | ".join(cells(each)) + " |" for each in all_of)


def kept(holds):
    return "kept" if holds else "**missed**"


SPOT = """\
From the answer that carries an `EC2 Spot Instance Interruption Warning` to DeregisterTargets, both at the endpoint.
Cold: the first warning of a process, {starts} processes; warm: {warm} more of the same group in each, {every} a second.
"Own" leaves out the answers that were waited for. Reach: {reach} ms of its own, taken as the p50 with answers at once
(cold {cold_own}, warm {warm_own}), and with a warm cache one call ({warm_calls}).

| caches | answers late by | warnings | p50 ms | p99 ms | own p50 | own p99 | calls, with the ms at which they came |
|---|---|---|---|---|---|---|---|
{table}"""


def chain(calls):
    return ", ".join(f"{each['operation']} {each['ms']:.1f}" for each in calls)


def spot(found, size, every):
    at_once = {each["cache"]: each for each in found if not each["delay"]}
    warm_calls = len(at_once["warm"]["calls"])
    table = rows(
        found,
        lambda of: (
            of["cache"],
            f"{of['delay']} ms",
            f"{of['warnings']}",
            f"{of['p50']:.2f}",
            f"{of['p99']:.2f}",
            f"{of['own_p50']:.2f}",
            f"{of['own_p99']:.2f}",
            chain(of["calls"]),
        ),
    )
    return SPOT.format(
        starts=size["spot_starts"],
        warm=size["warm_warnings"],
        every=every,
        reach=REACH_OWN_MS,
        cold_own=kept(at_once["cold"]["own_p50"] <= REACH_OWN_MS),
        warm_own=kept(at_once["warm"]["own_p50"] <= REACH_OWN_MS),
        warm_calls=kept(warm_calls == 1) + f": {warm_calls}",
        table=table,
    )


REPLICAS = """\
Processes on one queue, all on the client's core, all messages at once.

| processes | hooks | hooks/s | CPU-s per 1000 hooks | AWS calls per hook | completed by each | endpoint busy |
|---|---|---|---|---|---|---|
{table}"""


def replicas(found):
    share = lambda of: ", ".join(f"{did} ({did / of['hooks'] * 100:.0f} %)" for did in of["each"])
    table = rows(
        found,
        lambda of: (
            f"{of['replicas']}",
            f"{of['hooks']}",
            f"{of['rate']:.0f}",
            f"{of['cpu']:.3f}",
            f"{of['calls']:.2f}",
            share(of),
            f"{of['busy'] * 100:.0f} %",
        ),
    )
    return REPLICAS.format(table=table)


GROWTH = """\
All at once at the endpoint, answers without delay; medians of {rounds} up to 1000 hooks. Memory is the highest of the
process, its start included.

![growth](../docs/growth.png)

| hooks | {heads} | endpoint busy |
|---|{lines}---|
{table}

{bent}"""


def told(bend, reasons):
    title, unit, _ = CURVES[bend["curve"]]
    before, after, key = bend["from"], bend["to"], bend["curve"]
    text = (
        f"- **{title} bends upwards** from {before['hooks']} to {after['hooks']} hooks: {short(before[key])} to {short(after[key])} "
        f"{unit}, slope {bend['slope']:.2f} where a constant price has {bend['expected']}."
    )
    return f"{text} {reasons[key]}" if key in reasons else text


def growth(points, rounds, reasons):
    table = rows(points, lambda of: (f"{of['hooks']}", *(short(of[key]) for key in CURVES), f"{of['busy'] * 100:.0f} %"))
    found = bends(points)
    straight = f"No curve bends upwards: none is steeper by more than {BENT} than a constant price of a hook would have it."
    return GROWTH.format(
        rounds=rounds,
        heads=" | ".join(f"{title}, {unit}" for title, unit, _ in CURVES.values()),
        lines="---|" * len(CURVES),
        table=table,
        bent="\n".join(told(each, reasons) for each in found) or straight,
    )


HELD = """\
Each waits for a task that does not stop, in `lifehook simulate`, in clusters of at most 5000 instances; the hook's timeout
is {heartbeat} s; lifehook keeps to its budget as it does by default. Memory is read {settles} s after all are DRAINING; then they
are kept until there was a heartbeat for each. Late are messages received twice or visible again, and hooks no longer held.
Reach: up to {reach} KiB for each hook above idle ({each}), none late ({late}).

| hooks | MiB | KiB each | MiB at the end | MiB at the peak | DRAINING | after | kept | of a core | heartbeats | visibility batches | late messages | late hooks |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
{table}"""


def each_kib(of, idle):
    return (of["resident"] - idle) * 1024 / of["hooks"]


def held(found, idle, size):
    table = rows(
        found,
        lambda of: (
            f"{of['hooks']}",
            f"{of['resident']:.1f}",
            f"{each_kib(of, idle):.1f}",
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
        reach=REACH_EACH_KIB,
        each=kept(all(each_kib(of, idle) <= REACH_EACH_KIB for of in found)),
        late=kept(not any(of["late_messages"] or of["late_hooks"] for of in found)),
        table=table,
    )


READS = """\
{hooks} instances of {clusters} clusters end at once in `lifehook simulate`; lifehook keeps to its budget as it does by default.
Their tasks run for twice {run} s, are told to stop over {stop} s, and take 5 s each to do so. AWS's bucket gives {a_second} reads a second, and
holds {saved} when it is full: a phase after one that left some may have these on top. Reach: no more than that in any phase
({within}). Calls a second, as the simulator counts them:

| phase | seconds | of a core | ECS reads a second | {heads} |
|---|---|---|---|{lines}
{table}

While the tasks run, each instance is looked at every {every:.1f} s at the worst (reach: {reach} s, {looks}). From a task's end to its hook's
completion: p50 {p50:.1f} s, p99 {p99:.1f} s, at most {most:.1f} s; that is the wait for the next look, the look at tasks still
stopping, and the completion. With a hook timeout of {heartbeat} s there were {heartbeats:.0f} heartbeats; hooks that expired: {expired}.
At its peak the worker had {peak:.0f} MiB resident, 35 s after the last hook {after:.0f}."""


def is_within(phase):
    made = sum(phase["reads"].values()) * phase["seconds"]
    return made <= READS_A_SECOND * phase["seconds"] + READS_SAVED


def reads(of, size):
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
        within=kept(all(is_within(phase) for phase in of["phases"])),
        reach=REACH_LOOKS_S,
        every=of["look_every"],
        looks=kept(of["look_every"] <= REACH_LOOKS_S),
        heartbeat=of["heartbeat"],
        heartbeats=of["heartbeats"],
        peak=of["memory"]["peak"],
        after=of["memory"]["after"],
        expired=f"**{of['expired']:.0f}**" if of["expired"] else "0",
    )


def image(of):
    largest = ", ".join(f"{name} {size:.1f}" for name, size in of["largest"].items())
    megabytes = of["binary"] * (1 << 20) / 1e6
    return (
        f"The stripped binary of the image (`lifehook_slim`: without the simulator) has {megabytes:.2f} MB (reach: {REACH_MB}, "
        f"{kept(megabytes <= REACH_MB)}); with the {of['libraries']} shared libraries that `ldd` names {of['closure']:.1f} MiB "
        f"(reach: {REACH_CLOSURE_MIB}, {kept(of['closure'] <= REACH_CLOSURE_MIB)}; the largest: {largest})."
    )


def micro(of):
    head = "| decision | ns | a second |\n|---|---|---|\n"
    return head + "\n".join(f"| {name} | {each:.0f} | {1e9 / each:,.0f} |" for name, each in of.items())
