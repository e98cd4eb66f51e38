"""The images of deploy/Dockerfile without Docker: Debian's essential packages, fewer than debian:bookworm-slim has, those the
Dockerfile installs, and what it copies on top, entered read-only and as its user."""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

from processes import BUILT, ROOT

DEPLOY = ROOT / "deploy"
KEPT = ROOT / "build/images"
AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]

# lowerdir, lower, root, user, then the command. Two lower layers and no upper one: nothing can be written.
ENTER = """
mount -t overlay overlay -o "lowerdir=$1:$2" "$3"
mount --rbind /dev "$3/dev"
mount -t proc proc "$3/proc"
exec chroot --userspec="$4" --groups= "$3" "${@:5}"
"""


def stages():
    """Each with its name, if it has one, and its lines (instruction and the rest, continued lines joined), FROM first."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    found = []
    for instruction, rest in (line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")):
        if instruction == "FROM":
            found.append((rest.partition(" AS ")[2], []))
        found[-1][1].append((instruction, rest))
    return found


def instructions(target=""):
    """Of an image, the last one unless another is named, and of the stages that it is made from."""
    lines = dict(stages())[target]
    base = lines[0][1].partition(" AS ")[0]
    return (instructions(base) if base in dict(stages()) else []) + lines


def said(instruction, target=""):
    return [rest for name, rest in instructions(target) if name == instruction]


def program(target=""):
    """What `./dev build` made, and the image has as lifehook."""
    (copied,) = re.findall(r"--from=build /(\w+) /usr/local/bin/lifehook$", "\n".join(said("COPY", target)), re.MULTILINE)
    return BUILT / copied


def copied_from_the_build(target=""):
    """(what of our tree, where to) of each file that ships beside the program."""
    return re.findall(r"--from=build /src/(\S+) (\S+)$", "\n".join(said("COPY", target)), re.MULTILINE)


def packages():
    (installed,) = re.findall(r"--no-install-recommends ([^&]+)&&", " ".join(said("RUN")))
    return installed.split()


def environment():
    """What the image gives its program, beside what a task gives it."""
    return dict(each.split("=", 1) for each in said("ENV"))


def base():
    """Made once for each list of packages; whoever comes meanwhile waits."""
    made = KEPT / hashlib.sha256(" ".join(packages()).encode()).hexdigest()[:16]
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            subprocess.run([*AS_ROOT, "rm", "-rf", "--one-file-system", unfinished], check=True)
            fast = ["--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"]
            include = "--include=" + ",".join(packages())
            command = ["mmdebstrap", "--quiet", "--variant=essential", *fast, include, "bookworm", unfinished]
            # What it mounts is gone with it, even when it is killed.
            subprocess.run([*AS_ROOT, "unshare", "--mount", *command], check=True, timeout=600)
            unfinished.rename(made)
    return made


class Image:
    def __init__(self, directory, target=""):
        self.base, self.files, self.root = base(), directory / "files", directory / "root"
        self.root.mkdir()
        programs = self.files / "usr/local/bin"
        programs.mkdir(parents=True)
        self.binary = programs / "lifehook"
        subprocess.run(["strip", "-o", self.binary, program(target)], check=True)
        shutil.copy(DEPLOY / "healthy", programs)
        for source, place in copied_from_the_build(target):
            into = self.files / place.lstrip("/") / (pathlib.Path(source).name if place.endswith("/") else "")
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, into)

    def command(self, *arguments, **of_the_task):
        """The command line that runs `arguments` in the image, with this environment, the image's own and no other."""
        variables = [f"{name}={value}" for name, value in (environment() | of_the_task).items()]
        enter = ["unshare", "--mount", "bash", "-ec", ENTER, "image", self.files, self.base, self.root, *said("USER")]
        return [*AS_ROOT, *enter, "/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *variables, *arguments]

    def run(self, *arguments, **of_the_task):
        return subprocess.run(self.command(*arguments, **of_the_task), capture_output=True, text=True, timeout=30)


def container():
    (only,) = json.loads((DEPLOY / "task-definition.json").read_text())["containerDefinitions"]
    return only
