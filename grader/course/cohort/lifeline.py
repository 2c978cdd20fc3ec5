"""Whoever measures ends with whoever asked for it, and takes everything below along, also on SIGKILL."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import threading
from collections import defaultdict
from multiprocessing.connection import wait
from pathlib import Path

PROC = Path("/proc")
ROUNDS = 10  # a program may start others while it is looked for


def hold() -> None:
    """In a process that `multiprocessing` started: watches over its parent from now on, in a thread."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def end(root: int) -> None:
    """Ends a process and all that it started, in whatever session or group they are."""
    _signal(root, signal.SIGSTOP)  # starts nothing more, and nobody leaves its family
    below: set[int] = set()
    for _ in range(ROUNDS):
        found = descendants(root) - below
        for each in found:
            _signal(each, signal.SIGSTOP)
        below |= found
        if not found:
            break
    for each in (*below, root):
        _signal(each, signal.SIGKILL)


def descendants(root: int) -> set[int]:
    """All processes below `root`."""
    children = defaultdict(list)
    for pid, parent in _parents():
        children[parent].append(pid)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        new = [pid for pid in children[waiting.pop()] if pid not in found]
        found.update(new)
        waiting += new
    return found


def _parents() -> list[tuple[int, int]]:
    """Every process with its parent."""
    if not PROC.joinpath("self/stat").exists():
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=False).stdout
        pairs = (line.split() for line in listed.decode().splitlines())
        return [(int(pid), int(parent)) for pid, parent in pairs]
    found = []
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            fields = folder.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()
            found.append((int(folder.name), int(fields[1])))
    return found


def _watch(sentinel: int) -> None:
    wait([sentinel])
    for each in descendants(os.getpid()):
        end(each)
    os._exit(1)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
