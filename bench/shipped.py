"""What there is to ship: the stripped binary, and with it every shared library it is linked to."""

import pathlib
import re
import subprocess

from processes import SHIPPED

MIB = 1 << 20
LIBRARY = re.compile(r"(?:=>\s*)?(/\S+) \(0x")


def libraries(binary):
    """Real files, each once, the loader among them; the kernel's own part has no file."""
    told = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return {pathlib.Path(found[1]).resolve() for found in map(LIBRARY.search, told.splitlines()) if found}


def image(directory, _):
    stripped = directory / "lifehook.stripped"
    subprocess.run(["strip", "-o", stripped, SHIPPED], check=True)
    own = stripped.stat().st_size / MIB
    linked = {each.name: each.stat().st_size / MIB for each in libraries(SHIPPED)}
    largest = sorted(linked, key=linked.get, reverse=True)[:4]
    return {
        "binary": own,
        "libraries": len(linked),
        "closure": own + sum(linked.values()),
        "largest": {name: linked[name] for name in largest},
    }
