"""Runs clang-tidy over the C++ of the repository, as many files at once as there are cores.

usage: tidy.py BUILD_DIRECTORY (its compile_commands.json and ninja dependencies are used). A file that was clean is not
read again until it, a header of ours that it includes, its command line or .clang-tidy changes: build/tidy remembers.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLEAN = ROOT / "build/tidy"
FOLDERS = ("base", "aws", "queues", "handlers", "worker", "simulator")


def commands(build):
    """Sources of the floors and their compile commands. Tests are held by the compiler's own warnings, and a source
    built without those (-w) is not ours."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        ours = source.is_relative_to(ROOT) and source.relative_to(ROOT).parts[0] in FOLDERS
        if ours and " -w " not in entry["command"]:
            yield source, entry


def built(entry):
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def dependencies(build):
    """Object file to our own headers it was built from, as ninja recorded them."""
    found, current = {}, None
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if line and not line.startswith(" ") and ": #deps" in line:
            current = found.setdefault(line.split(": #deps")[0], [])
        elif line.startswith(" ") and current is not None:
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT) and not path.is_relative_to(build):
                current.append(path)
    return found


def fingerprint(source, entry, headers):
    parts = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + entry["command"].encode())
    for path in [source, *sorted(headers)]:
        parts.update(path.read_bytes() if path.exists() else b"")
    return parts.hexdigest()


def tidy(source, build, mark):
    ran = subprocess.run(["clang-tidy-19", "-p", build, "--quiet", source], capture_output=True, text=True)
    if ran.returncode == 0:
        mark.touch()
        return True
    print(ran.stdout + ran.stderr, flush=True)
    return False


def main(build):
    CLEAN.mkdir(parents=True, exist_ok=True)
    known = dependencies(build)
    work = []
    for source, entry in commands(build):
        mark = CLEAN / fingerprint(source, entry, known.get(built(entry), []))
        if not mark.exists():
            work.append((source, mark))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(lambda each: tidy(each[0], build, each[1]), work))
    print(f"clang-tidy: {len(work)} files read, {clean.count(False)} with findings")
    return 1 if False in clean else 0


if __name__ == "__main__":
    sys.exit(main((ROOT / sys.argv[1]).resolve()))
