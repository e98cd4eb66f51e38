"""Whether the endpoint was the limit: then a row says more of it than of the client."""

BUSY = 0.9

# How a row of a part is called. The others have the endpoint idle, or the simulator in its place.
ROWS = {
    "spot": lambda of: f"{of['cache']}, {of['delay']} ms",
    "replicas": lambda of: f"{of['replicas']} processes",
    "growth": lambda of: f"{of['hooks']} hooks",
}
PARTS = ("saturated", "tls", "late", "paced", *ROWS)


def worst(of):
    return of.get("worst_busy", of["busy"])


def busy(of):
    """A cell of a table."""
    share = f"{of['busy'] * 100:.0f} %"
    return f"**{share}, {worst(of) * 100:.0f} % at the worst: the limit**" if worst(of) > BUSY else share


def rows(part, of_part):
    return of_part.items() if isinstance(of_part, dict) else ((ROWS[part](each), each) for each in of_part)


def limited(figures):
    found = [
        f"{name} in {part}"
        for part in PARTS
        if part in figures
        for name, each in rows(part, figures[part])
        if worst(each) > BUSY
    ]
    return (
        f"**The endpoint was the limit (busy more than {BUSY * 100:.0f} %) for: {', '.join(found)}.**"
        if found
        else f"The endpoint was never the limit: it was busy less than {BUSY * 100:.0f} % of the time in every run."
    )
