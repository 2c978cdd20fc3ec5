"""Keeps a child from starting programs, in which nothing would be refused."""

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Callable

from .refusing import Refused

EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")
# By machine: its number for the kernel, and those of execve and execveat there.
CALLS = {"x86_64": (0xC000003E, 59, 322), "aarch64": (0xC00000B7, 221, 281)}
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2  # of prctl(2)
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # of the kernel's filters
ALLOW, DENY = 0x7FFF0000, 0x00050001  # as "not permitted"


class OtherProgram(Refused, PermissionError):
    """It would start one. Libraries that ask the system something go on without."""


class Rules(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("rules", ctypes.c_char_p))


def stay_alone() -> None:
    """From now on this process starts no program: Python says so, and the kernel to whoever goes round it."""

    def heard(event: str, _arguments: object) -> None:
        if event in EVENTS:
            raise OtherProgram(f"another program ({event})")

    def unheard(*_: object) -> None:
        raise OtherProgram("another program")

    sys.addaudithook(heard)
    with contextlib.suppress(ImportError):
        import _posixsubprocess  # with which `multiprocessing` starts them

        _posixsubprocess.fork_exec = unheard  # type: ignore[assignment]
    with contextlib.suppress(OSError, AttributeError):  # another system
        _ask_the_kernel(ctypes.CDLL(None).prctl)


def _ask_the_kernel(prctl: Callable[..., object]) -> None:
    machine = CALLS.get(os.uname().machine)
    if machine is None:
        return
    number, *programs = machine
    steps = (
        (LOAD, 0, 0, 4),  # the machine; calls of another one on the same processor are denied
        (EQUAL, 0, 5, number),
        (LOAD, 0, 0, 0),  # the call
        (AT_LEAST, 3, 0, 0x40000000),
        (EQUAL, 2, 0, programs[0]),
        (EQUAL, 1, 0, programs[1]),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, DENY),
    )
    rules = Rules(len(steps), b"".join(struct.pack("HBBI", *step) for step in steps))
    prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    prctl(SECCOMP, FILTER, ctypes.byref(rules), 0, 0)
