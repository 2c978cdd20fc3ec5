"""Runs one command to its end: bounded output, a wall clock, and nothing left behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from grader.sandbox import usage
from grader.sandbox.cgroup import Group
from grader.sandbox.records import Ended, Heard, Limits, Reason
from grader.sandbox.streams import Streams, first_and_last

TICK = 0.1  # seconds between two looks at what nobody reports: files written, memory without a control group
BLOCK = 512  # bytes; what `ulimit -f` counts in
ENDS_KEPT = 1 << 15  # bytes of stderr kept at its start, and as many at its end

# What stands on stderr before the zero byte was said by the sandbox; without a zero byte the sandbox did
# not come to be, and the program never ran.
STARTED = b"\0"
# Steps into the control groups whose doors come before `--`, then becomes the command.
ENTER = (
    "/bin/sh", "-c",
    'while [ "$1" != -- ]; do echo 0 > "$1" || exit; shift; done; shift; exec "$@"',
    "sandbox",
)  # fmt: skip


class NotStarted(Exception):
    """The sandbox could not be set up here; `str()` is its own complaint. The program never ran."""


class Command(Struct, frozen=True, kw_only=True):
    """What to start. `environment` is that of the sandbox's own program, not of the one inside."""

    argv: list[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()
    group: Group | None = None
    watch_memory: bool = False  # where neither a group nor somebody else counts it
    killed: Reason = "signalled"  # what it means when the program was ended by SIGKILL
    output: Path | None = None  # a folder whose size is watched
    heard: Heard | None = None  # who hears its stderr meanwhile
    isolation: str


def launch(limits: Limits, *rules: str, program: str = 'exec "$@"') -> list[str]:
    """The last step before the program, as the start of its command line.

    A shell takes on the limits of one process, which all its children have too, and those that `rules` add;
    then it announces the program and, as `program` says, becomes it.
    """
    lines = [
        "set -e", *rules, "ulimit -c 0", f"ulimit -f {limits.file_size // BLOCK}",
        # first SIGXCPU, which says why; then SIGKILL, for those that ignore it
        f"ulimit -t {limits.cpu_seconds + 1}", f"ulimit -St {limits.cpu_seconds}",
        "printf '\\0' >&2", program,
    ]  # fmt: skip
    return ["/bin/sh", "-c", "\n".join(lines), "sandbox"]


def run(command: Command, stdin: bytes, limits: Limits) -> Ended:
    """Starts `command`, feeds it `stdin`, and waits for its end or the first limit that it reaches.

    Raises:
        NotStarted: the command ended by itself before it announced the program.
    """
    began = time.monotonic()
    enter = [*ENTER, *command.group.doors, "--"] if command.group else []
    with subprocess.Popen(
        [*enter, *command.argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=command.environment,
        pass_fds=command.descriptors,
        start_new_session=True,
        cwd="/",
    ) as process:
        streams = Streams(process, stdin, limits.output, command.heard)
        try:
            cut_short = _watch(process, streams, command, limits)
        finally:
            _end(process)
            streams.rest()
            streams.close()
    said, mark, stderr = bytes(streams.stderr).partition(STARTED)
    if not mark and not cut_short:
        raise NotStarted(said.decode(errors="replace").strip() or f"ended with status {process.returncode}")
    if streams.overflowing:
        cut_short = "too much output"
    reason = cut_short or _reason(process.returncode, command)
    return Ended(
        status=process.returncode if reason == "exited" else None,
        reason=reason,
        stdout=bytes(streams.stdout),
        stderr=first_and_last(stderr, ENDS_KEPT),
        seconds=time.monotonic() - began,
        isolation=command.isolation,
    )


def _watch(
    process: subprocess.Popen[bytes], streams: Streams, command: Command, limits: Limits
) -> Reason | None:
    """Serves the pipes until the process has ended (None) or has reached a limit."""
    deadline = time.monotonic() + limits.seconds
    next_look = time.monotonic() + TICK
    while process.poll() is None:
        if streams.open:
            streams.exchange(min(TICK, max(0.0, deadline - time.monotonic())))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TICK)
        if streams.overflowing:
            return "too much output"
        now = time.monotonic()
        if now >= deadline:
            return "timed out"
        if now >= next_look:
            if excess := _excess(process.pid, command, limits):
                return excess
            next_look = time.monotonic() + TICK
    return None


def _excess(pid: int, command: Command, limits: Limits) -> Reason | None:
    if command.output and usage.disk(command.output, limits.disk) > limits.disk:
        return "too much disk"
    if command.group and command.group.killed_for_memory():
        return "out of memory"
    if command.watch_memory and usage.memory(pid) > limits.memory:
        return "out of memory"
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and its group. What lives in a sandbox dies with it, in whatever group it is."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _reason(returncode: int, command: Command) -> Reason:
    if command.group and command.group.killed_for_memory():
        return "out of memory"
    # bubblewrap and shells report the death of their child by signal N as status 128 + N
    by_signal = -returncode if returncode < 0 else returncode - 128
    if by_signal == signal.SIGXCPU:
        return "timed out"
    if by_signal == signal.SIGKILL:
        return command.killed
    return "signalled" if by_signal > 0 else "exited"
