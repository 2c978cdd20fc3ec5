"""The warm process: it has imported PyTorch, has never seen a submission, and forks a child for each."""

import contextlib
import ctypes
import gc
import os
import resource
import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import child, refusing

NOT_DUMPABLE, SUBREAPER = (4, 0), (36, 1)  # options of prctl(2)
PAGE = resource.getpagesize()
DATA = 5  # of the numbers in /proc/self/statm; the size of all that is mapped would count libraries too


def serve(requests: socket.socket, opening: dict[str, Any]) -> None:
    """Forks a child for each request until nobody asks any more. Never returns.

    `opening`: "preload", the packages to import now, "refused", which groups of layers are, and what one
    child may use: "cpu_seconds", "memory" in bytes.
    """
    control(*NOT_DUMPABLE)  # no child can look into this process or into another child
    control(*SUBREAPER)  # who outlives a child becomes ours
    refusing.prepare(opening["refused"], opening["preload"])
    gc.collect()
    gc.freeze()  # so that a child touches, and copies, none of it
    # Its own: Python may be mounted below /tmp.
    own = {folder: frozenset(os.listdir(folder)) for folder in _writable()}
    requests.send(b"ready")
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(requests, 64, 2)
        except InterruptedError:
            continue
        if not message:
            os._exit(0)
        question, answer = descriptors
        number = os.fork()
        if number == 0:
            _become_child(requests, (question, answer), opening)
        os.close(question)
        os.close(answer)
        requests.send(str(number).encode())
        _, status = os.waitpid(number, 0)
        _clear(own)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def control(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):  # another system
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _become_child(requests: socket.socket, pipes: tuple[int, int], opening: dict[str, Any]) -> None:
    try:
        requests.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        _limit(opening["cpu_seconds"], opening["memory"])
        child.answer(*pipes)
        os._exit(0)
    finally:  # an exception ends here: what the parent would do next is not for its children
        os._exit(1)


def _limit(cpu_seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        now = int(Path("/proc/self/statm").read_text().split()[DATA]) * PAGE
        resource.setrlimit(resource.RLIMIT_DATA, (now + memory, now + memory))


def _writable() -> list[Path]:
    return [Path(each) for each in os.environ.get("ANSWERING_EMPTIES", "").split(":") if each]


def _clear(own: Mapping[Path, frozenset[str]]) -> None:
    """Kills what the child started and left, and empties the folders that everybody may write to."""
    while left := _children():
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(number, 0)
    for folder, names in own.items():
        for entry in folder.iterdir():
            if entry.name not in names:
                _remove(entry)


def _children() -> list[int]:
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return [int(each) for each in listed.split()]
    except OSError:
        return []


def _remove(entry: Path) -> None:
    """Also folders that were closed on purpose."""
    if entry.is_symlink() or not entry.is_dir():
        with contextlib.suppress(OSError):
            entry.unlink()
        return
    with contextlib.suppress(OSError):
        entry.chmod(0o700)
    for place, folders, _ in os.walk(entry):
        for name in folders:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                if not path.is_symlink():  # not every system can change a link itself
                    path.chmod(0o700)
    shutil.rmtree(entry, ignore_errors=True)
