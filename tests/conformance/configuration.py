"""A configuration as a person begins with it, for the commands that read one from a file."""

import re

GOOD = """\
region: eu-west-1
queues:
  - url: https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain*"]
    terminating:
      - drain_ecs: {cluster: prod, timeout: 15m}
"""


def with_queue(url, port=None):
    """GOOD with this queue, and with this port for its status."""
    status = f'status: {{listen: "127.0.0.1:{port}"}}\n' if port else ""
    return re.sub(r"url: .*", f"url: {url}", GOOD) + status
