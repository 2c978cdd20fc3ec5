"""The command line that starts a view in bubblewrap, as an ordinary account and as root.

An ordinary account gets a user namespace. Root must not: in one of its own it stays uid 0 for the kernel,
which then lets it write /proc/sys/kernel/core_pattern, and that is code execution on the machine. So root
mounts everything and then really becomes somebody else, for whom no file and no process is its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox import devices, system
from grader.sandbox.records import Limits
from grader.sandbox.view import Mount, View

NOBODY = 65534


def command(view: View, limits: Limits, account: int | None, *, seccomp: int, info: int) -> list[str]:
    """The arguments after `bwrap`. `account` is a user id, for root only; the others are file descriptors."""
    return [
        *(_as_root() if account is not None else _as_ordinary_account()),
        "--hostname", "sandbox", "--die-with-parent", "--clearenv",
        *(word for name, value in _environment(view, limits).items() for word in ("--setenv", name, value)),
        *_system(limits),
        *(word for mount in view.mounts for word in _mount(mount)),
        *(word for folder in view.hidden for word in ("--tmpfs", folder, "--remount-ro", folder)),
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", view.folder,
        "--seccomp", str(seccomp), "--info-fd", str(info), "--",
        *(_become(account) if account is not None else []),
    ]  # fmt: skip


def _as_ordinary_account() -> list[str]:
    # --unshare-all only tries to get a user namespace; named on its own it is a must.
    return ["--unshare-all", "--unshare-user", "--disable-userns",
            "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL"]  # fmt: skip


def _as_root() -> list[str]:
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # until _become gives them up
    return ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]  # fmt: skip


def _become(account: int) -> list[str]:
    return ["/usr/bin/setpriv", "--reuid", str(account), "--regid", str(account), "--clear-groups",
            "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]  # fmt: skip


def _environment(view: View, limits: Limits) -> dict[str, str]:
    return {**view.environment, **(devices.environment(limits.card) if limits.gpu else {})}


def _system(limits: Limits) -> Iterator[str]:
    yield from ("--perms", "0755", "--dir", "/etc")
    for path in system.paths():
        if Path(path).is_symlink():
            yield from ("--symlink", os.readlink(path), path)
        else:
            yield from ("--ro-bind", path, path)
    yield from ("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev")
    for writable in ("/dev/shm", "/tmp"):
        yield from ("--perms", "1777", "--size", str(limits.disk), "--tmpfs", writable)
    if limits.gpu:
        yield from ("--ro-bind", "/sys", "/sys")  # CUDA finds its devices there
        for device in devices.nodes(limits.card):
            yield from ("--dev-bind", device, device)


def _mount(mount: Mount) -> Iterator[str]:
    # bubblewrap as root makes the folders above a mount point unreadable for others.
    for folder in reversed(Path(mount.target).parents):
        if folder != Path("/"):
            yield from ("--perms", "0755", "--dir", str(folder))
    yield from ("--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target)
