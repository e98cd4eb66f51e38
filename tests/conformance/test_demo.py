"""The demo as somebody without a terminal sees it: plain lines, a summary, an end."""

import re
import time

from processes import lifehook


def test_the_demo_tells_a_scale_in_that_loses_nothing():
    began = time.monotonic()

    ended = lifehook("demo", timeout=60)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert time.monotonic() - began < 30
    assert re.search(r"hooks completed\W+3\b", ended.stdout)
    assert re.search(r"tasks lost\W+0\b", ended.stdout)
    assert "CompleteLifecycleAction" in ended.stdout
    assert "\x1b[" not in ended.stdout
    assert re.search(r"(?i)heartbeat", ended.stdout)
    assert re.search(r"(?i)faster", ended.stdout)
