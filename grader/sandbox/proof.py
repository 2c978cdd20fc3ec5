"""What the sandbox promises, proved on the spot with programs that try the opposite."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from grader.sandbox import remedies, seccomp
from grader.sandbox.backends import Backend
from grader.sandbox.records import Ended, Limits, MiB, Program
from grader.sandbox.view import interpreter_folders, of_program

State = Literal["ok", "weaker", "missing"]

# A selection: each one is a way out, or round the namespaces.
CALLS = (
    "keyctl", "add_key", "ptrace", "process_vm_readv", "unshare", "setns", "mount", "open_by_handle_at",
    "bpf", "io_uring_setup", "perf_event_open", "userfaultfd", "personality",
)  # fmt: skip
HIDDEN = ("/root", "/home", "/run", "/var", "/boot")  # what lies in them
ENVIRONMENT = {"HOME", "LANG", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "USER"}
ENGINES_OWN = {"HOSTNAME", "TERM", "container"}  # set by podman and docker, and no secret

PROCESSES, DISK, MEMORY = 64, 8 * MiB, 96 * MiB
TOO_LONG = 0.5  # seconds

# Memory that no limit of one process counts.
GREEDY = "import mmap\nshared = mmap.mmap(-1, 1 << 30)\nfor at in range(0, 1 << 30, 4096): shared[at] = 1"
# A grandchild in a session of its own keeps counting in the output file, whoever else ends.
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("/out/result", "a") as stream: stream.write(".")
            time.sleep(0.01)
    os._exit(0)
time.sleep(60)
"""


class Property(Struct, frozen=True):
    """One thing that holds on this machine, or does not. `remedy` says how to get it."""

    state: State
    name: str
    detail: str = ""
    remedy: str = ""


class Facts(Struct, frozen=True):
    """What `probe.py` prints."""

    identity: dict[str, str]
    environment: list[str]
    processes: int
    descriptors: list[int]
    visible: list[str]
    writable: list[str]
    connected: bool
    families: list[str]
    calls: list[str]
    temporary: dict[str, int]
    forks: int


def properties(backend: Backend) -> list[Property]:
    """Runs the probes. Raises process.NotStarted."""
    with tempfile.TemporaryDirectory(prefix="grader-doctor-") as name:
        folder = Path(name)
        started = _started(_run(backend, folder, "", Limits(seconds=10)))
        return [started, *judged(facts(backend, folder)), _memory(backend, folder), _time(backend, folder)]


def _started(ended: Ended) -> Property:
    if ended.status != 0:
        return Property("missing", "starts in a sandbox", ended.stderr)
    counted = "cgroup" in ended.isolation or "container" in ended.isolation
    remedy = "" if counted else remedies.DELEGATION
    return Property("ok" if counted else "weaker", "starts in a sandbox", ended.isolation, remedy)


def facts(backend: Backend, folder: Path) -> Facts:
    machine = seccomp.machine()
    numbers = {name: seccomp.REFUSED[name][machine.column] for name in CALLS} if machine else {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        question = {
            "calls": numbers,
            "hidden": _hidden(folder),
            "port": listener.getsockname()[1],
        }
        source = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")
        ended = _run(backend, folder, source, Limits(seconds=20, processes=PROCESSES, disk=DISK), question)
    return msgspec.json.decode(ended.stdout, type=Facts)


def _hidden(folder: Path) -> list[str]:
    """What must be out of sight: all but the way to this interpreter, which may lead through a home."""
    (folder / "canary").touch()
    places = [Path(place) for place in (*HIDDEN, os.path.expanduser("~")) if os.access(place, os.R_OK)]
    candidates = [
        Path("/etc/shadow"),
        folder / "canary",
        *(path for place in places for path in place.iterdir()),
    ]
    ways = interpreter_folders(Path(sys.prefix))
    return [str(path) for path in candidates if not any(way.is_relative_to(path) for way in ways)]


def judged(found: Facts) -> list[Property]:
    """Each promise beside what was found. Pure."""
    who = found.identity
    nobody = "0" not in who["Uid"].split() and not int(who["CapEff"], 16) and not int(who["CapBnd"], 16)
    strange = sorted(set(found.environment) - ENVIRONMENT - ENGINES_OWN)
    network = [*(["a port of this machine"] if found.connected else []), *found.families]
    filled = max(found.temporary.values())
    return [
        _property(nobody and who["NoNewPrivs"] == "1", "is nobody, without privileges", _identity(who)),
        _property(not strange, "sees no environment but its own", _list(strange)),
        _property(found.processes <= 3, "sees no processes but its own", f"{found.processes} in sight"),
        _property(not found.descriptors, "holds no open files of the grader", _list(found.descriptors)),
        _property(not found.visible, "sees no files but its own", _list(found.visible)),
        _property(not found.writable, "writes to nothing but its output and /tmp", _list(found.writable)),
        _property(not network, "has no network", _list(network)),
        _property(
            not found.calls and who["Seccomp"] == "2", "is refused dangerous system calls", _list(found.calls)
        ),
        _property(filled * MiB <= DISK, "temporary files are bounded", f"{filled} MiB of {DISK // MiB}"),
        _property(found.forks <= PROCESSES, "processes are bounded", f"{found.forks} of {PROCESSES}"),
    ]


def _memory(backend: Backend, folder: Path) -> Property:
    ended = _run(backend, folder, GREEDY, Limits(seconds=10, memory=MEMORY))
    return _property(ended.reason == "out of memory", "memory is bounded", _how(ended))


def _time(backend: Backend, folder: Path) -> Property:
    ended = _run(backend, folder, DAEMON, Limits(seconds=TOO_LONG))
    result = folder / "result"
    written = result.stat().st_size
    time.sleep(0.1)
    quiet = 0 < written == result.stat().st_size
    return _property(
        ended.reason == "timed out" and quiet,
        "time is bounded, for daemons as well",
        _how(ended) if quiet else "a process was left behind",
    )


def _run(
    backend: Backend, folder: Path, source: str, limits: Limits, question: dict[str, object] | None = None
) -> Ended:
    code = folder / "code"
    code.mkdir(exist_ok=True)
    (code / "program.py").write_text(source, encoding="utf-8")
    (folder / "result").write_bytes(b"")
    argv = ("python3", "program.py", msgspec.json.encode(question or {}).decode())
    program = Program(argv=argv, code=code, output=folder / "result", python=Path(sys.prefix))
    return backend(of_program(program), b"", limits)


def _property(holds: bool, name: str, detail: str) -> Property:
    return Property("ok" if holds else "missing", name, detail)


def _identity(who: dict[str, str]) -> str:
    return f"account {who['Uid'].split()[0]}, capabilities {who['CapEff'].lstrip('0') or 'none'}"


def _how(ended: Ended) -> str:
    return f"{ended.reason} after {ended.seconds:.1f} s"


def _list(things: Sequence[object]) -> str:
    return ", ".join(map(str, things))
