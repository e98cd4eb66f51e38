"""bench_endpoint, alone on its core, and what it says it measured."""

import json
import re
import ssl
import urllib.request

import measure
import processes
from processes import ROOT, eventually

BUILT = ROOT / "build/release"
TLS = ROOT / "tests/data/tls"
AUTHORITY = TLS / "ca.pem"
TRUSTING = ssl.create_default_context(cafile=AUTHORITY)


class Endpoint(processes.Process):
    """`held`: its messages come when they are released. `spot`: they are warnings, and the order of calls is kept."""

    def __init__(self, hooks, delay=0, rate=0, held=True, spot=False, tls=False):
        options = ["--hooks", str(hooks), "--delay", str(delay), "--rate", str(rate)] + ["--held"] * held
        options += ["--spot", "--order"] * spot
        options += ["--certificate", TLS / "server.pem", "--key", TLS / "server.key"] * tls
        with measure.on_core(measure.SERVER_CORE):
            super().__init__([BUILT / "bench_endpoint", *options])
        self.url = re.search(r"listening on (https?://\S+)", self.first_line())[1]

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=30, context=TRUSTING) as answer:
            return json.loads(answer.read())

    def stats(self):
        return self.get("stats")

    def order(self):
        """Of each message when it was written and its hook completed; and every call with its time. In seconds."""
        return self.get("order")

    def release(self):
        self.get("release")

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
