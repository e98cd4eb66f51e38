"""bench_endpoint, alone on its core, and what it says it measured."""

import json
import re

import measure
import processes
from processes import ROOT, eventually

BUILT = ROOT / "build/release"


class Endpoint(processes.Process):
    """`held`: its messages come when they are released."""

    def __init__(self, hooks, delay=0, rate=0, held=True):
        options = ["--hooks", str(hooks), "--delay", str(delay), "--rate", str(rate)] + ["--held"] * held
        with measure.on_core(measure.SERVER_CORE):
            super().__init__([BUILT / "bench_endpoint", *options])
        self.url = re.search(r"listening on (http://\S+)", self.first_line())[1]

    def stats(self):
        return json.loads(processes.get(f"{self.url}/stats"))

    def release(self):
        processes.get(f"{self.url}/release")

    def asked(self, client, within=60):
        """Waits until the client asks for messages."""
        look = lambda: client.child.poll() is not None or self.stats()["first_receive"]
        eventually(look, within, 0.02, "the client's first ReceiveMessage")
        assert client.child.poll() is None, "the client has ended:\n" + "\n".join(client.lines[-20:])

    def all_done(self, within=600):
        """Waits until every hook is completed and deleted, and returns what was measured."""

        def finished():
            seen = self.stats()
            return seen if seen["deleted"] == seen["hooks"] else None

        seen = eventually(finished, within, 0.25, "every hook completed and its message deleted")
        assert seen["completed"] == seen["hooks"] and not seen["undrained"] and not seen["deleted_early"], seen
        return seen
