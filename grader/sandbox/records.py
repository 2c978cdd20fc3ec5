"""What a process may use, what a submission's program is, and how a process ended. Plain data."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

MiB = 1 << 20

# Called with each line of stderr as it comes. What data turned against its reader says may be anything.
Heard = Callable[[str], None]

Reason = Literal["exited", "signalled", "timed out", "out of memory", "too much output", "too much disk"]


class Limits(Struct, frozen=True, kw_only=True):
    """What one sandboxed process and all its descendants may use. Sizes are bytes, times seconds."""

    seconds: float = 60.0  # on the wall, from start to end
    cpu_seconds: int = 600  # of one process, all its threads together
    memory: int = 4096 * MiB
    processes: int = 256  # threads count as processes
    file_size: int = 256 * MiB  # of one file
    disk: int = 256 * MiB  # of /tmp, of /dev/shm and of the output folder, each
    output: int = 16 * MiB  # of stdout and of stderr, each
    gpu: bool = False  # whether the NVIDIA devices of this machine, if there are any, are passed through
    card: int | None = None  # only that one of them, by the number in its device's name


STANDARD = Limits()


class Worker(Struct, frozen=True, kw_only=True):
    """A program of ours, `grader.workers.<module>`, and all that it is given."""

    module: str
    request: bytes  # on its stdin
    readable: Sequence[Path] = ()  # each where it is here
    writable: Path | None = None  # a file or folder, empty at the start
    heard: Heard | None = None


class Program(Struct, frozen=True, kw_only=True):
    """A submission's own program and all that it sees."""

    argv: tuple[str, ...]  # "python" is the one of `python`, where that is given
    code: Path  # a folder of ours with the submission's files, found at /code, where the program starts
    inputs: Mapping[str, Path] = {}  # absolute path inside -> file or folder here; read-only
    # Where it may write: an existing empty folder, found at /out, or an existing empty file, at
    # /out/<its name>, or `code` itself, which is read-only otherwise.
    output: Path
    python: Path | None = None  # a virtual environment with the submission's packages; read-only
    environment: Mapping[str, str] = {}  # further variables
    stdin: bytes = b""


class Ended(Struct, frozen=True):
    """How a process ended."""

    status: int | None  # exit status, None where the process did not exit by itself
    reason: Reason
    stdout: bytes  # all of it where the reason is "exited"
    stderr: str  # its first and its last part
    seconds: float
    isolation: str  # what kept it in, e.g. "bubblewrap as root, memory by cgroup v1"
