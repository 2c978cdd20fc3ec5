"""The only place outside the sandbox that starts programs: git, and the verifiers of receipts.

Each runs without a shell, with an environment of our own, in a process group that is ended as a whole when it
takes too long, prints too much or fills the disk.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

COMPLAINT_BYTES = 20_000


class Bounds(Struct, frozen=True):
    """When a program is ended. `watched` is the folder whose size counts."""

    seconds: float
    output_bytes: int = 64_000_000
    watched: Path | None = None
    disk_bytes: int = 0


class Finished(Struct, frozen=True):
    """What a program left: its exit status, standard output, and standard error as text."""

    status: int
    output: bytes
    complaint: str


class Exceeded(Exception):
    """A bound was reached and the program was ended. `bound` is `seconds`, `output_bytes` or `disk_bytes`."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


def run(
    command: Sequence[str], environment: Mapping[str, str], bounds: Bounds, given: bytes = b""
) -> Finished:
    """Runs `command` with `given` on its standard input. Raises Exceeded, FileNotFoundError."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(given)
        source.seek(0)
        process = subprocess.Popen(
            command,
            stdin=source,
            stdout=out,
            stderr=err,
            env=dict(environment),
            cwd="/",
            start_new_session=True,
        )
        try:
            status = _wait(process, bounds, out.fileno())
        finally:
            _end(process)
        _refuse_excess(bounds, out.fileno())
        out.seek(0)
        err.seek(0)
        return Finished(status, out.read(), err.read(COMPLAINT_BYTES).decode("utf-8", "replace"))


def _wait(process: "subprocess.Popen[bytes]", bounds: Bounds, out: int) -> int:
    end = time.monotonic() + bounds.seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(min(0.1, max(0.0, end - time.monotonic())))
        if time.monotonic() > end:
            raise Exceeded("seconds")
        _refuse_excess(bounds, out)


def _refuse_excess(bounds: Bounds, out: int) -> None:
    if os.fstat(out).st_size > bounds.output_bytes:
        raise Exceeded("output_bytes")
    if bounds.watched and folder_size(bounds.watched) > bounds.disk_bytes:
        raise Exceeded("disk_bytes")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the whole group: a child that git left behind must not outlive the call."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`; files that vanish meanwhile do not count."""
    size = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(base, name)).st_size
    return size
