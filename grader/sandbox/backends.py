"""The ways to keep a process in, strongest first. Each runs a view, or says why it cannot here."""

import os
import shlex
from collections.abc import Callable, Sequence

from grader.sandbox import (
    account,
    bubblewrap,
    cgroup,
    container,
    descriptors,
    devices,
    process,
    seccomp,
    which,
)
from grader.sandbox.process import Command, NotStarted
from grader.sandbox.records import Ended, Limits
from grader.sandbox.view import View

# A view, what is on its stdin, and its limits. Raises NotStarted.
Backend = Callable[[View, bytes, Limits], Ended]


def in_bubblewrap(view: View, stdin: bytes, limits: Limits) -> Ended:
    """Own namespaces, a filter of system calls, limits by control groups where we may make them."""
    program = which.bubblewrap()
    machine = seccomp.machine()
    if not machine:
        raise NotStarted("there is no table of system calls for this processor")
    becoming = account.transient() if os.geteuid() == 0 else None
    if becoming is not None:
        account.let_use(view.mounts, becoming)
    with (
        cgroup.limited(limits) as group,
        descriptors.holding(seccomp.program(machine)) as filter_file,
        descriptors.first_process_awaited() as info,
    ):
        inside = bubblewrap.command(view, limits, becoming, seccomp=filter_file, info=info)
        who = "as an ordinary account" if becoming is None else "as root"
        command = Command(
            argv=[program.path, *inside, *process.launch(limits, *_rules(limits, group)), *view.argv],
            environment={},  # /proc/1/environ inside shows bubblewrap's own
            descriptors=(filter_file, info),
            group=group,
            watch_memory=group is None,
            output=view.output_folder,
            heard=view.heard,
            isolation=f"{program.name} {who}, {_memory(group)}",
        )
        return process.run(command, stdin, limits)


def in_podman(view: View, stdin: bytes, limits: Limits) -> Ended:
    """A container of podman, which needs no daemon and no root."""
    return container.run("podman", view, stdin, limits)


def in_docker(view: View, stdin: bytes, limits: Limits) -> Ended:
    """A container of docker. The account must be allowed to talk to its daemon."""
    return container.run("docker", view, stdin, limits)


def as_plain_process(view: View, stdin: bytes, limits: Limits) -> Ended:
    """No isolation: limits and a clean environment. For our own programs and one's own work.

    Every device of the machine is in its sight; CUDA shows it the card that it was given, or none.
    """
    cards = devices.environment(limits.card, devices.cards()) if limits.gpu else devices.NO_CARD
    start = f"cd {shlex.quote(view.outside(view.folder))}"
    with cgroup.limited(limits) as group:
        command = Command(
            argv=[*process.launch(limits, start), *map(view.outside, view.argv)],
            environment={**{name: view.outside(value) for name, value in view.environment.items()}, **cards},
            group=group,
            watch_memory=group is None,
            output=view.output_folder,
            heard=view.heard,
            isolation=f"none, {_memory(group)}",
        )
        return process.run(command, stdin, limits)


# Those that may run a submission's program.
ISOLATED: tuple[Backend, ...] = (in_bubblewrap, in_podman, in_docker)


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
    rules = ["ulimit -n 4096 || true"]  # an account may be allowed fewer
    if not limits.gpu:  # CUDA reserves and locks far more than it uses
        rules.append("ulimit -l 0")
    if group is None:
        # bash calls it -u, dash calls it -p
        rules.append(f"ulimit -u {limits.processes} 2> /dev/null || ulimit -p {limits.processes}")
        rules += [] if limits.gpu else [f"ulimit -d {limits.memory // 1024}"]
    return rules
