"""The filter's decisions on both processors, by a reading of the program as the kernel reads it."""

import json
import struct
from typing import Any

import pytest

from grader.sandbox import seccomp

ALLOWED, KILLED = "allowed", "killed"
X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003


def decision(program: bytes, architecture: int, number: int, *arguments: int) -> str | int:
    """What the kernel would do: allow, kill, or the errno. Classic BPF, the instructions that occur here."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    at, accumulator = 0, 0
    kinds: dict[int, str | int] = {0x7FFF0000: ALLOWED, 0x80000000: KILLED}
    steps = list(struct.iter_unpack("<HBBI", program))
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:  # BPF_LD | BPF_W | BPF_ABS
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
                at += if_true if accumulator == value else if_false
            case 0x35:  # BPF_JMP | BPF_JGE | BPF_K
                at += if_true if accumulator >= value else if_false
            case 0x45:  # BPF_JMP | BPF_JSET | BPF_K
                at += if_true if accumulator & value else if_false
            case 0x06:  # BPF_RET | BPF_K
                return kinds.get(value, int(value & 0xFFFF))
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97

# call, number on x86_64, number on aarch64, arguments, what happens
DECISIONS = [
    ("read", 0, 63, (), ALLOWED),
    ("openat", 257, 56, (), ALLOWED),
    ("execve", 59, 221, (), ALLOWED),
    ("keyctl", 250, 219, (), EPERM),
    ("ptrace", 101, 117, (), EPERM),
    ("mount", 165, 40, (), EPERM),
    ("unshare", 272, 97, (), EPERM),
    ("bpf", 321, 280, (), EPERM),
    ("io_uring_setup", 425, 425, (), EPERM),
    ("reboot", 169, 142, (), EPERM),
    ("clone3", 435, 435, (), ENOSYS),
    ("clone, a thread", 56, 220, (0x3D0F00,), ALLOWED),
    ("clone, a process", 56, 220, (17,), ALLOWED),
    ("clone, a user namespace", 56, 220, (0x10000000 | 17,), EPERM),
    ("clone, a network namespace", 56, 220, (0x40000000,), EPERM),
    ("clone, a time namespace", 56, 220, (0x80,), EPERM),
    ("ioctl, TCGETS", 16, 29, (0, 0x5401), ALLOWED),
    ("ioctl, TIOCSTI", 16, 29, (0, 0x5412), EPERM),
    ("ioctl, TIOCSTI with a high half", 16, 29, (0, 0x1_0000_5412), EPERM),
    ("socket, unix", 41, 198, (1,), ALLOWED),
    ("socket, inet6", 41, 198, (10,), ALLOWED),
    ("socket, netlink", 41, 198, (16,), EAFNOSUPPORT),
    ("socket, vsock", 41, 198, (40,), EAFNOSUPPORT),
    ("socketpair, unix", 53, 199, (1,), ALLOWED),
    ("socket, netlink with a high half", 41, 198, (0x1_0000_0010,), EAFNOSUPPORT),
    ("socketpair, vsock", 53, 199, (40,), EAFNOSUPPORT),
]


@pytest.mark.parametrize(
    ("x86_64", "aarch64", "arguments", "expected"),
    [row[1:] for row in DECISIONS],
    ids=[row[0] for row in DECISIONS],
)
def test_decisions(x86_64: int, aarch64: int, arguments: tuple[int, ...], expected: str | int) -> None:
    assert decision(seccomp.program(seccomp.X86_64), X86_64, x86_64, *arguments) == expected
    assert decision(seccomp.program(seccomp.AARCH64), AARCH64, aarch64, *arguments) == expected


def in_container(profile: bytes, call: str, *arguments: int) -> str | int:
    """What libseccomp makes of a profile: all tests of a rule have to hold, on 64 bits of an argument."""
    for rule in json.loads(profile)["syscalls"]:
        tests = rule.get("args", [])
        if call in rule["names"] and all(holds(each, arguments[each["index"]]) for each in tests):
            return int(rule["errnoRet"])
    return ALLOWED


def holds(test: dict[str, Any], argument: int) -> bool:
    match test["op"]:
        case "SCMP_CMP_EQ":
            return bool(argument == test["value"])
        case "SCMP_CMP_GE":
            return bool(argument >= test["value"])
        case "SCMP_CMP_MASKED_EQ":
            return bool(argument & test["value"] == test["valueTwo"])
    raise AssertionError(f"unknown test {test}")


@pytest.mark.parametrize(
    ("name", "arguments", "expected"), [(row[0], row[3], row[4]) for row in DECISIONS],
)  # fmt: skip
def test_containers_have_the_same_decisions(
    name: str, arguments: tuple[int, ...], expected: str | int
) -> None:
    assert in_container(seccomp.profile(), name.partition(",")[0], *arguments) == expected


def test_other_architectures_are_killed() -> None:
    assert decision(seccomp.program(seccomp.X86_64), I386, 0) == KILLED
    assert decision(seccomp.program(seccomp.X86_64), X86_64, 0x40000000) == KILLED  # x32
    assert decision(seccomp.program(seccomp.AARCH64), X86_64, 0) == KILLED
