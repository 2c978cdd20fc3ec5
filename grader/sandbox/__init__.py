"""Runs one program over data that nobody trusts: no network, no secrets, bounded in every resource.

`run_worker` starts a program of ours that parses what a submission holds; `run_program` starts the
submission's own; `run_with_network` one that downloads for us and sees nothing of a submission. Nothing else
in the grader starts a process, except `repository`, which runs git, and `cohort`, which runs several of us.
"""

import os
import subprocess
import time
from contextlib import nullcontext

from msgspec.structs import replace

from grader.ground.errors import NotMeasured
from grader.sandbox import devices, usage
from grader.sandbox.backends import ISOLATED, as_plain_process, first_that_starts
from grader.sandbox.process import NotStarted
from grader.sandbox.records import STANDARD, Ended, Limits, Program, Reason, Worker
from grader.sandbox.view import of_program, of_worker, start_of

__all__ = [
    "STANDARD", "Ended", "Limits", "Program", "Reason", "Worker",
    "run_program", "run_with_network", "run_worker",
]  # fmt: skip


def run_worker(worker: Worker, *, limits: Limits = STANDARD) -> Ended:
    """Runs a program of ours: its request on its stdin, its reply on stdout.

    It sees this interpreter's environment, the grader's package, and what it was given to read and write.
    Where no backend starts it still runs, since it is our own program, as a plain process with limits, and
    `isolation` says so. Data can turn a program against its owner, so `writable` is made safe as a
    submission's output is.
    """
    view = of_worker(f"grader.workers.{worker.module}", worker.readable, worker.writable)
    view = replace(view, heard=worker.heard)
    try:
        return first_that_starts((*ISOLATED, as_plain_process), view, worker.request, _as_here(limits))
    finally:
        if worker.writable:
            usage.made_safe(worker.writable)


def run_with_network(module: str, request: bytes, seconds: float) -> Ended:
    """Runs `grader.workers.<module>` as we run ourselves, with network and caches: it downloads for us.

    Only for a worker that sees nothing of a submission: it starts in the root folder and imports nothing from
    where we are, which may be a folder of somebody's submission. Paths in the request are absolute.
    """
    started = time.monotonic()
    command, own = start_of(f"grader.workers.{module}")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    isolation = "none: nothing of a submission is in it"
    try:
        done = subprocess.run(
            command, input=request, capture_output=True, timeout=seconds, check=False,
            cwd="/", env={**inherited, **own},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ended(None, "timed out", b"", "", seconds, isolation)
    stderr = done.stderr.decode(errors="replace")
    return Ended(done.returncode, "exited", done.stdout, stderr, time.monotonic() - started, isolation)


def run_program(program: Program, *, limits: Limits = STANDARD, unsafe: bool = False) -> Ended:
    """Runs a submission's own program. `unsafe`: without a sandbox, for one's own work only.

    With a GPU it has a card to itself, and waits for one; where there is none it runs without.

    Afterwards the output holds plain files and folders only. Nothing in it, and nothing in what the
    program printed, is more than what an untrusted program wants us to read.

    Raises:
        NotMeasured: no sandbox can be set up here.
    """
    backends = (as_plain_process,) if unsafe else ISOLATED
    limits = _as_here(limits)
    try:
        with devices.one_card() if limits.gpu else nullcontext() as card:
            limits = replace(limits, card=card)
            return first_that_starts(backends, of_program(program), program.stdin, limits)
    except NotStarted as why:
        raise NotMeasured(f"no sandbox here ({why})", "see what is missing: grader doctor") from None
    finally:
        usage.made_safe(program.output)


def _as_here(limits: Limits) -> Limits:
    """A GPU only where there is one: engines of containers refuse it else, and its limits are laxer."""
    return replace(limits, gpu=limits.gpu and devices.here())
