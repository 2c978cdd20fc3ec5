"""One control group for each sandbox: what its processes use together, and the list to end them by.

Version 2 needs a folder that was delegated to us (systemd: Delegate=memory pids; a container's root);
version 1 needs root. Without either, memory is limited for each process and watched from outside.
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.sandbox.records import Limits

ROOT = Path("/sys/fs/cgroup")
OUR_OWN = 2  # processes of bubblewrap, beside those of the program
PATIENCE = 5.0  # seconds for killed processes to be gone
CONTROLLERS = ("memory", "pids")
LEAF = "grader"  # where we sit ourselves, in a folder that was delegated to us


class Group(Struct, frozen=True):
    """`folders` are one folder in version 2, one for each controller in version 1."""

    version: int
    folders: tuple[Path, ...]

    @property
    def doors(self) -> list[str]:
        """The files that a process writes itself into."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def killed_for_memory(self) -> bool:
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        lines = (self.folders[0] / name).read_text().splitlines()
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def end(self) -> None:
        """Kills what is left and removes the group. A process stuck in the kernel may outlive that."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for folder in self.folders:
                _kill_all(folder)
            if all(_removed(folder) for folder in self.folders) or time.monotonic() > deadline:
                return
            time.sleep(0.002)


@contextlib.contextmanager
def limited(limits: Limits, root: Path = ROOT) -> Iterator[Group | None]:
    """A group with these limits, ended and removed on leaving; None where this machine lets us make none."""
    group = _make(root)
    if group is None:
        yield None
        return
    try:
        _set(group, limits)
        yield group
    finally:
        group.end()


def _make(root: Path) -> Group | None:
    if not root.is_dir():
        return None
    name = f"grader-{os.getpid()}-{secrets.token_hex(4)}"
    if (root / "cgroup.controllers").is_file():
        parent = _delegated(root)
        parents = [parent] if parent else []
        version, wanted = 2, 1
    else:
        parents = [_first_version(root / controller, controller) for controller in CONTROLLERS]
        version, wanted = 1, len(CONTROLLERS)
    _forget_the_dead(parents)
    folders = tuple(parent / name for parent in parents)
    try:
        for folder in folders:
            folder.mkdir()
    except OSError:
        for folder in folders:
            _removed(folder)
        return None
    return Group(version, folders) if len(folders) == wanted else None


def _first_version(hierarchy: Path, controller: str) -> Path:
    own = hierarchy / _own(controller)
    return own if own.is_dir() else hierarchy  # a container sees its own group as the root


def _own(controller: str) -> str:
    """Our own group's path below the root of its hierarchy ("" for the controller of version 2)."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return path.lstrip("/")
    return ""


def _delegated(root: Path) -> Path | None:
    """The version 2 folder that may have children with limits.

    Groups with limits and processes are leaves: where we sit in the delegated folder ourselves, we step
    down into a leaf of our own first.
    """
    own = root / _own("")
    if own.name == LEAF:
        own = own.parent
    for folder in (own, root):
        if os.access(folder, os.W_OK) and _passed_on(folder) >= set(CONTROLLERS):
            return folder
    with contextlib.suppress(OSError):
        (own / LEAF).mkdir(exist_ok=True)
        (own / LEAF / "cgroup.procs").write_text("0")
        (own / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in CONTROLLERS))
        return own
    return None


def _passed_on(folder: Path) -> set[str]:
    """The controllers that the children of a group have."""
    return set((folder / "cgroup.subtree_control").read_text().split())


def _forget_the_dead(parents: list[Path]) -> None:
    """Removes the empty groups of graders that were killed before they could."""
    for parent in parents:
        for folder in parent.glob("grader-*-*"):
            if not Path("/proc", folder.name.split("-")[1]).exists():
                _removed(folder)


def _set(group: Group, limits: Limits) -> None:
    memory, pids = group.folders[0], group.folders[-1]
    (pids / "pids.max").write_text(str(limits.processes + OUR_OWN))
    if group.version == 1:
        (memory / "memory.limit_in_bytes").write_text(str(limits.memory))
        _write_if_there(memory / "memory.memsw.limit_in_bytes", str(limits.memory))
    else:
        (memory / "memory.max").write_text(str(limits.memory))
        _write_if_there(memory / "memory.swap.max", "0")
        _write_if_there(memory / "memory.oom.group", "1")


def _write_if_there(path: Path, value: str) -> None:
    if path.exists():  # depends on how the kernel was built
        path.write_text(value)


def _kill_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        switch = folder / "cgroup.kill"
        if switch.exists():
            switch.write_text("1")
            return
        for line in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)


def _removed(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()
