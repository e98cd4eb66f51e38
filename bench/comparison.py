"""The decisions alone beside what they cost before. Machines differ and are noisy, so each is told as a multiple of a
yardstick, which is work of no concern of ours measured in the same run, and multiples are compared. Never asserted."""

YARDSTICK = "yardstick: "  # so its name begins
DEARER = 1.25  # times what it did: worth a look
COLUMNS = ("decision", "ns", "a second", "yardsticks", "before", "ratio")


def multiples(nanoseconds):
    """(name of the yardstick, {decision: multiple})."""
    yardstick = next(name for name in nanoseconds if name.startswith(YARDSTICK))
    return yardstick, {name: each / nanoseconds[yardstick] for name, each in nanoseconds.items() if name != yardstick}


def cells(line):
    return [each.strip().strip("*") for each in line.strip().strip("|").split("|")]


def table_in(page):
    """The rows of a page's table of decisions, each {column: text}."""
    lines = iter(page.splitlines())
    head = next((cells(line) for line in lines if line.startswith(f"| {COLUMNS[0]} |")), [])
    next(lines, None)  # the rule under it
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(dict(zip(head, cells(line))))
    return found


def before(page, yardstick):
    """{decision: multiple}, as a page has them; nothing by another yardstick."""
    rows = table_in(page)
    if not any(row["decision"] == yardstick for row in rows):
        return {}
    return {row["decision"]: float(row["yardsticks"]) for row in rows if row["decision"] != yardstick}


def compared(nanoseconds, page):
    """Of each decision, and of the yardstick, a row: what is not known is None."""
    yardstick, now = multiples(nanoseconds)
    then = before(page, yardstick)
    rows = [{"decision": yardstick, "ns": nanoseconds[yardstick], "multiple": 1.0, "before": None, "ratio": None}]
    for name, multiple in now.items():
        old = then.get(name)
        row = {"decision": name, "ns": nanoseconds[name], "multiple": multiple, "before": old}
        rows.append(row | {"ratio": multiple / old if old else None})
    return rows


def is_dearer(row):
    return row["ratio"] is not None and row["ratio"] > DEARER


def known(value, form):
    return "-" if value is None else f"{value:{form}}"


def columns_of(row):
    told = (
        row["decision"],
        f"{row['ns']:.0f}",
        f"{1e9 / row['ns']:,.0f}",
        f"{row['multiple']:.4g}",
        known(row["before"], ".4g"),
        known(row["ratio"], ".2f"),
    )
    return [f"**{each}**" for each in told] if is_dearer(row) else told


def table(rows):
    head, *lines = ("| " + " | ".join(line) + " |" for line in (COLUMNS, *map(columns_of, rows)))
    return "\n".join([head, "|" + "---|" * len(COLUMNS), *lines])


def verdict(rows):
    """In a sentence."""
    dearer = [f"{row['decision']} ({row['ratio']:.2f})" for row in rows if is_dearer(row)]
    if dearer:
        return f"**Over {DEARER} times what it did costs: {', '.join(dearer)}.**"
    if not any(row["ratio"] for row in rows):
        return "The page before had nothing to compare with."
    return f"None costs over {DEARER} times what it did."


def said(rows):
    """For the terminal, line by line."""
    for row in rows:
        change = f", before {row['before']:.4g}, ratio {row['ratio']:.2f}" if row["ratio"] else ""
        mark = "  <- DEARER" if is_dearer(row) else ""
        yield f"micro, {row['decision']}: {row['ns']:.4g} ns, {row['multiple']:.4g} yardsticks{change}{mark}"
    yield "micro: " + verdict(rows).strip("*")
