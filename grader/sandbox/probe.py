"""A program that the doctor runs in the sandbox: tries what must not work, and prints as JSON what did.

It stands alone: it is copied into the sandbox as a submission's program would be.

    python probe.py '{"calls": {"keyctl": 250}, "hidden": ["/root"], "port": 40000}'
"""

import ctypes
import errno
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WRITTEN = (
    "/new", "/code/new", "/usr/new", "/dev/new", "/etc/new", "/out/new",
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
)  # fmt: skip
TEMPORARY = ("/tmp", "/dev/shm")
FAMILIES = {"netlink": 16, "packet": 17, "alg": 38, "vsock": 40}
KINDS = (socket.SOCK_STREAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
MOST = 200  # processes, and MiB of temporary files, that are tried at most


def main() -> None:
    question = json.loads(sys.argv[1])
    print(json.dumps({
        "identity": identity(),
        "environment": sorted(environment_names()),
        "processes": sum(name.isdecimal() for name in os.listdir("/proc")),
        "descriptors": [number for number in range(3, 256) if Path(f"/proc/self/fd/{number}").exists()],
        "visible": [path for path in question["hidden"] if Path(path).exists()],
        "writable": [path for path in WRITTEN if works(open, path, "w")],
        "connected": works(socket.create_connection, ("127.0.0.1", question["port"]), 1),
        "families": [name for name, family in FAMILIES.items() if any(
            works(socket.socket, family, kind) for kind in KINDS
        )],
        "calls": [name for name, number in question["calls"].items() if not refused(number)],
        "temporary": {folder: fill(Path(folder)) for folder in TEMPORARY},
        "forks": forks(),
    }))  # fmt: skip


def works(action: Callable[..., Any], *arguments: Any) -> bool:
    try:
        action(*arguments).close()
    except OSError:
        return False
    return True


def identity() -> dict[str, str]:
    status = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    return {name: fields[name].strip() for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}


def environment_names() -> set[str]:
    """The names of the variables of all processes in sight. Their values stay here."""
    names: set[str] = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            entries = path.read_text(errors="replace").split("\0")
        except OSError:
            continue
        names |= {entry.partition("=")[0] for entry in entries if entry}
    return names


def refused(number: int) -> bool:
    """Whether a system call is forbidden. Where it is not, -1 as every argument does no harm."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(number, -1, -1, -1, -1, -1, -1) == -1 and ctypes.get_errno() == errno.EPERM)


def fill(folder: Path) -> int:
    """MiB that could be written to a folder."""
    written = 0
    try:
        with (folder / "filling").open("wb", buffering=0) as stream:
            while written < MOST:
                written += stream.write(bytes(1 << 20)) >> 20
    except OSError:
        pass
    (folder / "filling").unlink()
    return written


def forks() -> int:
    """How many processes could be started beside this one."""
    children: list[int] = []
    while len(children) < MOST:
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            time.sleep(60)
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
    return len(children)


if __name__ == "__main__":
    main()
