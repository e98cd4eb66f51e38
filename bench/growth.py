"""How the cost of a hook grows with their number, from ten to a hundred thousand at once."""

import statistics

import clients
import jobs

SHORT = 1000  # hooks


def measured(client, directory, hooks, settles):
    seen = jobs.run_job(client, directory, client.parallel, settles, hooks=hooks)
    figures = jobs.job_figures(seen)
    return {key: figures[key] for key in ("calls", "cpu", "busy")} | {"rss": seen["peak"], "delay": figures["p50"]}


def growth(directory, size):
    """Medians, of more runs where a run is short."""
    client = clients.clients()[0]
    found = []
    for hooks in size["growth"]:
        rounds = size["growth_rounds"] if hooks <= SHORT else 1
        runs = [measured(client, directory, hooks, size["settles"]) for _ in range(rounds)]
        medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        found.append({"hooks": hooks, "worst_busy": max(run["busy"] for run in runs)} | medians)
    return found
