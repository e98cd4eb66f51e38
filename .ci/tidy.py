"""Runs clang-tidy over the C++ of the repository, as many at once as there are cores.

usage: tidy.py BUILD_DIRECTORY (its compile_commands.json and ninja dependencies are used).

clang-tidy reads the whole of the precompiled header for whatever it is given, which takes ten times as long as the file
itself: so files are read together, those whose private names differ. A file that does not compile among the others, or has
a finding there, is read alone, and what it says then counts; the others are read together again. What was clean is not read
again until it, a header of ours that it includes, its command line or .clang-tidy changes: build/tidy remembers.
"""

import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLEAN = ROOT / "build/tidy"
FLOORS = ("base", "aws", "queues", "state", "handlers", "worker", "simulator")
OURS = f"--header-filter=/({'|'.join(FLOORS)})/[a-z_]+[.](h|cc)$"
BATCH = 60
SHARED = ("namespace ", "using namespace ", "static_assert(")  # may be said twice
NAMES = "readability-identifier-naming"  # of headers is checked once, not in every file that includes them
COMPLAINT = re.compile(r"^(/\S+?):\d+:\d+: (?:error|warning|note): ", re.MULTILINE)


def flags_of(entry):
    words = shlex.split(entry["command"])
    begin = next(place for place, word in enumerate(words) if "clang++" in word)
    return words[begin + 1 : words.index("-o")]


def sources(build):
    """Sources by floor, each with its compile flags and object. Tests are held by the compiler's own warnings, and a
    source built without those (-w) is not ours."""
    found = {floor: [] for floor in FLOORS}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        floor = source.relative_to(ROOT).parts[0] if source.is_relative_to(ROOT) else None
        words = shlex.split(entry["command"])
        if floor in found and "-w" not in words:
            found[floor].append((source, flags_of(entry), words[words.index("-o") + 1]))
    return found


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


def mark_of(flags, files):
    parts = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + " ".join(flags).encode())
    for path in files:
        parts.update(path.read_bytes() if path.exists() else b"")
    return CLEAN / parts.hexdigest()


def read(source, flags, *options):
    ran = subprocess.run(["clang-tidy-19", "--quiet", *options, source, "--", *flags], capture_output=True, text=True)
    return ran.returncode == 0, ran.stdout + ran.stderr


def together(name, files):
    path = CLEAN / name
    path.write_text("".join(f'#include "{each.relative_to(ROOT)}"\n' for each in files))
    return path


def check_batch(place, batch, mark):
    # Defines of single files (the version) do no harm to the others.
    flags = list(dict.fromkeys(word for _, own, _ in batch for word in own if word.startswith("-D")))
    # Names of one file shadow another's here; the compiler looks for those that shadow in their own.
    flags += [word for word in batch[0][1] if not word.startswith("-D") and word != "-Wshadow"]
    rest, apart = batch, []
    while rest:
        clean, said = read(together(f"batch_{place}.cc", [each[0] for each in rest]), flags, OURS, "--checks=-" + NAMES)
        if clean:
            break
        named = {pathlib.Path(path).resolve() for path in COMPLAINT.findall(said)}
        misfits = [each for each in rest if each[0] in named] or rest
        apart += misfits
        rest = [each for each in rest if each not in misfits]
    if apart:
        print(f"batch {place}: read alone are {', '.join(str(each[0].relative_to(ROOT)) for each in apart)}", flush=True)
    alone = [read(source, own, "--checks=-" + NAMES) for source, own, _ in apart]
    print("".join(said for fine, said in alone if not fine), end="", flush=True)
    clean = all(fine for fine, _ in alone)
    if clean:
        mark.touch()
    return clean


def check_names(flags, headers, mark):
    clean, said = read(together("headers.cc", headers), flags, "--checks=-*," + NAMES)
    if clean:
        mark.touch()
    else:
        print(said, flush=True)
    return clean


TYPE = re.compile(r"(?:struct|class|union|enum(?: class)?|using)\s+(\w+)")
VALUE = re.compile(r"(\w+)\s*(?:\[\w*\]\s*)?[(={;]")


def private_names(source, floor):
    """What a source declares for itself alone, each with its floor, whose namespace it lies in; all that a part of a program
    (main_*) does: another program has its own. A name missed costs time (the batch does not compile), never a finding."""
    found, private, alone = set(), False, source.stem.startswith("main_")
    for line in source.read_text().splitlines():
        if line.startswith("namespace {"):
            private = True
        elif line.startswith("}  // namespace"):
            private = False
        elif (private or alone) and line[:1].isalpha() and not line.startswith(SHARED):
            if name := TYPE.match(line) or VALUE.search(line):
                found.add((floor, name[1]))
    return found


def batches(floors):
    made = []
    for row in itertools.zip_longest(*([(floor, *each) for each in listed] for floor, listed in floors.items())):
        for floor, source, *rest in filter(None, row):
            names = private_names(source, floor)
            room = next((each for each in made if len(each[0]) < BATCH and not each[1] & names), None)
            if room is None:
                made.append(room := ([], set()))
            room[0].append((source, *rest))
            room[1].update(names)
    return [batch for batch, _ in made]


def main(build):
    CLEAN.mkdir(parents=True, exist_ok=True)
    known = dependencies(build)
    floors = sources(build)
    work = []
    for place, batch in enumerate(batches(floors)):
        files = sorted({path for source, _, built in batch for path in [source, *known.get(built, [])]})
        mark = mark_of([word for _, flags, _ in batch for word in flags], files)
        work.append((mark, check_batch, (place, batch)))
    headers = sorted(header for floor in FLOORS for header in (ROOT / floor).glob("*.h"))
    flags = floors["simulator"][0][1]
    work.append((mark_of(flags, headers), check_names, (flags, headers)))
    work = [each for each in work if not each[0].exists()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(lambda each: each[1](*each[2], each[0]), work))
    print(f"clang-tidy: {len(work)} batches read, {clean.count(False)} with findings")
    return 1 if False in clean else 0


if __name__ == "__main__":
    sys.exit(main((ROOT / sys.argv[1]).resolve()))
