"""Starts processes in the first backend that works here: what `grader.sandbox` offers, done."""

import os
import subprocess
import time
from contextlib import nullcontext

from msgspec.structs import replace

from grader.ground.errors import NotMeasured
from grader.sandbox import devices, usage
from grader.sandbox.backends import ISOLATED, as_plain_process, first_that_starts
from grader.sandbox.process import NotStarted
from grader.sandbox.records import Ended, Limits, Program, Worker
from grader.sandbox.view import of_program, of_worker, start_of


def worker(ours: Worker, limits: Limits) -> Ended:
    """Runs a program of ours.

    Where no backend starts it still runs, since it is our own program, as a plain process with limits, and
    `isolation` says so. Data can turn a program against its owner, so `writable` is made safe as a
    submission's output is.
    """
    view = of_worker(f"grader.workers.{ours.module}", ours.readable, ours.writable)
    view = replace(view, heard=ours.heard)
    try:
        return first_that_starts((*ISOLATED, as_plain_process), view, ours.request, _as_here(limits))
    finally:
        if ours.writable:
            usage.made_safe(ours.writable)


def with_network(module: str, request: bytes, seconds: float) -> Ended:
    """Starts in the root folder: nothing is imported from where we are, perhaps a folder of a submission."""
    started = time.monotonic()
    command, own = start_of(f"grader.workers.{module}")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    isolation = "none: nothing of a submission is in it"
    try:
        done = subprocess.run(
            command,
            input=request,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd="/",
            env={**inherited, **own},
        )
    except subprocess.TimeoutExpired:
        return Ended(None, "timed out", b"", "", seconds, isolation)
    stderr = done.stderr.decode(errors="replace")
    return Ended(done.returncode, "exited", done.stdout, stderr, time.monotonic() - started, isolation)


def program(theirs: Program, limits: Limits, *, unsafe: bool) -> Ended:
    """Runs a submission's own program. Raises NotMeasured."""
    backends = (as_plain_process,) if unsafe else ISOLATED
    limits = _as_here(limits)
    try:
        with devices.one_card() if limits.gpu else nullcontext() as card:
            limits = replace(limits, card=card)
            return first_that_starts(backends, of_program(theirs), theirs.stdin, limits)
    except NotStarted as why:
        raise NotMeasured(f"no sandbox here ({why})", "see what is missing: grader doctor") from None
    finally:
        usage.made_safe(theirs.output)


def _as_here(limits: Limits) -> Limits:
    """A GPU only where there is one: engines of containers refuse it else, and its limits are laxer."""
    return replace(limits, gpu=limits.gpu and devices.here())
