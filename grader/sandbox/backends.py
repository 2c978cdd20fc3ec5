"""The ways to keep a process in, strongest first. Each starts a view and either runs it or says why not."""

import contextlib
import os
import select
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.sandbox import bubblewrap, cgroup, process, seccomp
from grader.sandbox.process import Command, NotStarted
from grader.sandbox.records import Ended, Limits
from grader.sandbox.view import View

Backend = Callable[[View, bytes, Limits], Ended]

FILES_OPEN = 4096
PATIENCE = 5.0  # seconds for killed processes to be gone


def in_bubblewrap(view: View, stdin: bytes, limits: Limits) -> Ended:
    """Own namespaces, a filter of system calls, limits by control groups where we may make them."""
    program = shutil.which("bwrap")
    if not program:
        raise NotStarted("bubblewrap is not installed")
    machine = seccomp.machine()
    if not machine:
        raise NotStarted("there is no table of system calls for this processor")
    account = bubblewrap.transient_account() if os.geteuid() == 0 else None
    if account is not None:
        bubblewrap.let_others_read(view.mounts, account)
    with (
        cgroup.limited(limits) as group,
        _file(seccomp.program(machine)) as filter_file,
        _first_process_awaited() as info,
    ):
        inside = bubblewrap.command(view, limits, account, seccomp=filter_file, info=info)
        who = "as an ordinary account" if account is None else "as root"
        return process.run(
            Command(
                argv=[program, *inside, *process.launch(limits, *_rules(limits, group)), *view.argv],
                environment={},  # /proc/1/environ inside shows bubblewrap's own
                descriptors=(filter_file, info),
                group=group,
                output=view.output_folder,
                isolation=f"bubblewrap {who}, {_memory(group)}",
            ),
            stdin,
            limits,
        )


def as_plain_process(view: View, stdin: bytes, limits: Limits) -> Ended:
    """No isolation: limits and a clean environment. For our own programs and one's own work."""
    argv = [view.outside(word) for word in view.argv]
    start = f"cd {shlex.quote(view.outside(view.folder))}"
    with cgroup.limited(limits) as group:
        return process.run(
            Command(
                argv=[*process.launch(limits, start), *argv],
                environment=view.environment,
                group=group,
                output=view.output_folder,
                isolation=f"none, {_memory(group)}",
            ),
            stdin,
            limits,
        )


# Those that may run a submission's program, strongest first.
ISOLATED: tuple[Backend, ...] = (in_bubblewrap,)


def first_that_starts(backends: Sequence[Backend], view: View, stdin: bytes, limits: Limits) -> Ended:
    """Runs the view in the first backend that starts here. Raises NotStarted with what each one said."""
    said = []
    for backend in backends:
        try:
            return backend(view, stdin, limits)
        except NotStarted as why:
            said.append(str(why))
    raise NotStarted("; ".join(said))


def _memory(group: cgroup.Group | None) -> str:
    return f"memory by cgroup v{group.version}" if group else "memory of each process, and watched"


def _rules(limits: Limits, group: cgroup.Group | None) -> list[str]:
    """Further limits of one process, for the shell that starts the program in a sandbox."""
    rules = [f"ulimit -n {FILES_OPEN} || true"]  # an account may be allowed fewer
    if not limits.gpu:  # CUDA reserves and locks far more than it uses
        rules.append("ulimit -l 0")
    if group is None:
        # bash calls it -u, dash calls it -p
        rules.append(f"ulimit -u {limits.processes} 2> /dev/null || ulimit -p {limits.processes}")
        rules += [] if limits.gpu else [f"ulimit -d {limits.memory // 1024}"]
    return rules


@contextlib.contextmanager
def _file(content: bytes) -> Iterator[int]:
    """A descriptor of a file in memory with this content, at its start."""
    descriptor = os.memfd_create("seccomp")
    try:
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _first_process_awaited() -> Iterator[int]:
    """Where bubblewrap writes its --info-fd. Leaving waits until the first process inside is gone.

    It is gone only after all others are, so nobody writes to the output any more: the end of bubblewrap
    itself does not tell that yet.
    """
    with _file(b"") as info:
        try:
            yield info
        finally:
            os.lseek(info, 0, os.SEEK_SET)
            told = os.read(info, 4096)
            if told:
                with contextlib.suppress(ProcessLookupError):
                    _await(msgspec.json.decode(told)["child-pid"])


def _await(process: int) -> None:
    descriptor = os.pidfd_open(process)
    try:
        select.select([descriptor], [], [], PATIENCE)
    finally:
        os.close(descriptor)
