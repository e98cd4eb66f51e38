"""`lifehook check --aws` as a user asks for it."""

from processes import aws_environment, lifehook
from worker import CONFIG


def asked(tmp_path, endpoint, queue, *changes):
    """What `check --aws` says of the configuration of a worker; each change is a pair (old, new)."""
    text = CONFIG.format(queue=queue, hold="1h", port=0, stop_timeout="10s")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return lifehook("check", "-c", path, "--aws", env=aws_environment(endpoint))


def lines(ran, word):
    return [line.removeprefix(f"{word}: ") for line in ran.stdout.splitlines() if line.startswith(f"{word}: ")]
