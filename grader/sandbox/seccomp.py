"""The system calls that a sandboxed process may not make, as a seccomp program in the kernel's own format.

Namespaces do not cover everything: vsock reaches the hypervisor, keyrings are shared by all, and the
calls that set up namespaces, mounts and kernel modules are the way out of a sandbox with a kernel bug.
A deny-list stays usable with every libc, Python and torch; what it refuses, none of them needs.

Source of the format: linux/filter.h, linux/seccomp.h; of the numbers: the kernel's system call tables.
"""

import errno
import json
import platform
import struct
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct

# Number on x86_64, number on aarch64 (None: that architecture never had the call).
REFUSED: Mapping[str, tuple[int | None, int | None]] = MappingProxyType({
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "process_madvise": (440, 440),
    # keyrings are in no namespace
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # large surfaces of the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "unshare": (272, 97), "setns": (308, 268),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the machine as a whole
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "personality": (135, 92), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "iopl": (172, None), "ioperm": (173, None),
    "syslog": (103, 116), "fanotify_init": (300, 262), "lookup_dcookie": (212, 18),
    "uselib": (134, None), "modify_ldt": (154, None), "vhangup": (153, 58),
})  # fmt: skip


class Machine(Struct, frozen=True):
    """What differs between processors."""

    audit: int  # AUDIT_ARCH_*
    column: int  # of REFUSED
    clone: int
    clone3: int
    ioctl: int
    socket: int
    socketpair: int
    foreign_from: int | None = None  # numbers from here on belong to another ABI (x32)


X86_64 = Machine(
    0xC000003E, 0, clone=56, clone3=435, ioctl=16, socket=41, socketpair=53, foreign_from=1 << 30
)
AARCH64 = Machine(0xC00000B7, 1, clone=220, clone3=435, ioctl=29, socket=198, socketpair=199)

NEW_NAMESPACES = 0x7E020080  # CLONE_NEW: NS, CGROUP, UTS, IPC, USER, PID, NET, TIME
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: type into the terminal of the one who grades
LOW_HALF = 0xFFFFFFFF
FAMILIES = 64  # more kinds of sockets than Linux has
SOCKETS = (1, 2, 10)  # unix, inet, inet6: harmless in an empty network namespace, and libraries expect them

ALLOW = 0x7FFF0000
KILL = 0x80000000
REFUSE = 0x00050000  # SECCOMP_RET_ERRNO; the low half is the errno

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16


def machine() -> Machine | None:
    """The tables for this processor, None where there are none."""
    return {"x86_64": X86_64, "AMD64": X86_64, "aarch64": AARCH64}.get(platform.machine())


def program(here: Machine) -> bytes:
    """The filter for `here`. Each refusal is a test and a return, so that all jumps are short."""
    return b"".join([
        _step(LOAD, ARCHITECTURE_AT), *_answer(JUMP_EQUAL, here.audit, KILL, otherwise=True),
        _step(LOAD, NUMBER_AT),
        *([] if here.foreign_from is None else _answer(JUMP_GREATER_EQUAL, here.foreign_from, KILL)),
        *_refuse_calls(number for both in REFUSED.values() if (number := both[here.column]) is not None),
        # glibc falls back from clone3, whose flags lie in memory that a filter cannot read, to clone
        *_answer(JUMP_EQUAL, here.clone3, REFUSE | errno.ENOSYS),
        *_on_call(here.clone, 0, _answer(JUMP_ANY_BIT, NEW_NAMESPACES, REFUSE | errno.EPERM)),
        *_on_call(here.ioctl, 1, [step for request in TERMINAL_INPUT
                                  for step in _answer(JUMP_EQUAL, request, REFUSE | errno.EPERM)]),
        *_on_call(here.socket, 0, _only(SOCKETS)),
        *_on_call(here.socketpair, 0, _only(SOCKETS)),
        _step(RETURN, ALLOW),
    ])  # fmt: skip


def profile() -> bytes:
    """The same refusals as a profile for podman and docker, which know the calls of their machine by name."""
    rules = [
        _named([*REFUSED], errno.EPERM),
        _named(["clone3"], errno.ENOSYS),
        *(_named(["clone"], errno.EPERM, _masked(0, bit, bit)) for bit in _bits(NEW_NAMESPACES)),
        # the kernel takes the low half of the request, while a profile compares all 64 bits
        *(_named(["ioctl"], errno.EPERM, _masked(1, LOW_HALF, request)) for request in TERMINAL_INPUT),
        *(_named(["socket", "socketpair"], errno.EAFNOSUPPORT, _compared(0, "EQ", family))
          for family in range(FAMILIES) if family not in SOCKETS),
        _named(["socket", "socketpair"], errno.EAFNOSUPPORT, _compared(0, "GE", FAMILIES)),
    ]  # fmt: skip
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}).encode()


def _named(names: list[str], error: int, *tests: dict[str, object]) -> dict[str, object]:
    rule: dict[str, object] = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": error}
    return {**rule, "args": [*tests]} if tests else rule


def _compared(argument: int, how: str, value: int) -> dict[str, object]:
    return {"index": argument, "value": value, "op": f"SCMP_CMP_{how}"}


def _masked(argument: int, mask: int, left: int) -> dict[str, object]:
    """The bits of `mask` in the argument are `left`."""
    return {"index": argument, "value": mask, "valueTwo": left, "op": "SCMP_CMP_MASKED_EQ"}


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _answer(test: int, value: int, answer: int, *, otherwise: bool = False) -> list[bytes]:
    """Returns `answer` where the test holds (or does not, with `otherwise`), else goes on."""
    return [_step(test, value, *((1, 0) if otherwise else (0, 1))), _step(RETURN, answer)]


def _refuse_calls(numbers: Iterable[int]) -> list[bytes]:
    return [step for number in numbers for step in _answer(JUMP_EQUAL, number, REFUSE | errno.EPERM)]


def _only(values: Iterable[int]) -> list[bytes]:
    allowed = [step for value in values for step in _answer(JUMP_EQUAL, value, ALLOW)]
    return [*allowed, _step(RETURN, REFUSE | errno.EAFNOSUPPORT)]


def _on_call(number: int, argument: int, steps: list[bytes]) -> list[bytes]:
    """`steps` on the low half of an argument of one call; other calls jump over them."""
    body = [_step(LOAD, ARGUMENTS_AT + 8 * argument), *steps, _step(LOAD, NUMBER_AT)]
    return [_step(JUMP_EQUAL, number, 0, len(body)), *body]
