"""A view in a container, with podman or docker.

The image is empty: programs come from this machine's own /usr, as they do in bubblewrap, so that a view
means the same in both.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from grader.sandbox import account, devices, process, seccomp, system
from grader.sandbox.process import Command, NotStarted
from grader.sandbox.records import Ended, Limits
from grader.sandbox.view import View

IMAGE = "localhost/grader-empty:1"
EMPTY_ARCHIVE = bytes(10240)  # a tar file without members, which the engine makes the image from
OUR_OWN = 2  # processes beside those of the program: the shell and `timeout`
NO_IMAGE = ("unable to find image", "no such image", "image not known")  # in the words of the engines

PODMAN_ONLY = ("--read-only-tmpfs=false", "--no-hosts", "--ulimit", "nproc=4096:4096")


def run(engine: str, view: View, stdin: bytes, limits: Limits) -> Ended:
    """Runs a view with `engine`, podman or docker. Makes the empty image at the first time.

    Raises:
        NotStarted: the engine is not here, or cannot start a container.
    """
    path = shutil.which(engine)
    if not path:
        raise NotStarted(f"{engine} is not installed")
    try:
        return _run_once(path, view, stdin, limits)
    except NotStarted as why:
        if not any(words in str(why).lower() for words in NO_IMAGE):
            raise
        _quietly([path, "import", "-", IMAGE], EMPTY_ARCHIVE)
        return _run_once(path, view, stdin, limits)


def _run_once(path: str, view: View, stdin: bytes, limits: Limits) -> Ended:
    becoming = os.geteuid()
    if becoming == 0:
        becoming = account.transient()
        account.let_use(view.mounts, becoming)
    name = f"grader-{os.getpid()}-{secrets.token_hex(4)}"
    # The first process of a container is deaf to signals, also to that of its own CPU limit: the shell stays.
    # And a container outlives the grader that started it: where that was killed, `timeout` ends it.
    start = process.launch(limits, program=f'timeout --signal KILL {limits.seconds + 5} "$@"; exit $?')
    with tempfile.NamedTemporaryFile(prefix="grader-", suffix=".json") as filter_file:
        filter_file.write(seccomp.profile())
        filter_file.flush()
        arguments = _arguments(os.path.basename(path), view, limits, becoming)
        command = Command(
            argv=[path, "run", "--name", name, "--security-opt", f"seccomp={filter_file.name}", *arguments,
                  *start, *view.argv],
            environment=os.environ,  # the engine's own; the container has only what the view says
            killed="out of memory",  # by the kernel: nobody else reaches into a container
            output=view.output_folder,
            heard=view.heard,
            isolation=f"container of {os.path.basename(path)}",
        )  # fmt: skip
        try:
            return process.run(command, stdin, limits)
        finally:
            _quietly([path, "kill", name])  # at once; `rm` alone waits for it to end by itself
            _quietly([path, "rm", "--force", "--volumes", name])


def _arguments(engine: str, view: View, limits: Limits, becoming: int) -> list[str]:
    """The arguments after the name, up to the image."""
    return [
        "--interactive", "--pull", "never", "--log-driver", "none", "--hostname", "sandbox",
        "--network", "none", "--ipc", "private", "--read-only", "--user", f"{becoming}:{becoming}",
        "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
        # SELinux would deny the account's own files, and they are all that could be denied here
        "--security-opt", "label=disable",
        "--pids-limit", str(limits.processes + OUR_OWN),
        "--memory", str(limits.memory), "--memory-swap", str(limits.memory),
        "--shm-size", str(limits.disk), "--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.disk},mode=1777",
        "--ulimit", "nofile=4096:4096",
        *(PODMAN_ONLY if engine == "podman" else ()),
        # without root, podman maps accounts; the one that reads the files is to be ours
        *(("--userns", "keep-id") if engine == "podman" and os.geteuid() != 0 else ()),
        *(_gpu(engine, limits.card) if limits.gpu else ()),
        *_mounts(view),
        *(word for folder in view.hidden for word in ("--tmpfs", f"{folder}:ro,size=4096")),
        *_environment(view, limits),
        "--workdir", view.folder, IMAGE,
    ]  # fmt: skip


def _gpu(engine: str, card: int | None) -> tuple[str, str]:
    if engine == "podman":
        return "--device", f"nvidia.com/gpu={'all' if card is None else card}"
    return "--gpus", "all" if card is None else f"device={card}"


def _environment(view: View, limits: Limits) -> Iterator[str]:
    variables = {**view.environment, **(devices.environment(limits.card) if limits.gpu else {})}
    for name, value in variables.items():
        yield from ("--env", f"{name}={value}")


def _mounts(view: View) -> Iterator[str]:
    for path in system.paths():
        yield from ("--mount", f"type=bind,source={os.path.realpath(path)},target={path},readonly")
    for mount in view.mounts:
        mode = "" if mount.writable else ",readonly"
        yield from ("--mount", f"type=bind,source={mount.source},target={mount.target}{mode}")


def _quietly(argv: list[str], stdin: bytes = b"") -> None:
    subprocess.run(argv, input=stdin, capture_output=True, check=False)
