"""The runner of this machine: each batch is a process of its own."""

import contextlib
import multiprocessing
import signal
import tempfile
from collections.abc import Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from msgspec import Struct

from grader.course.cohort import batch, lifeline
from grader.course.cohort.batch import Wanted
from grader.course.cohort.runner import Lost
from grader.submission import Surroundings

SPAWN = multiprocessing.get_context("spawn")  # a child inherits nothing of ours but its arguments


class Processes(Struct, frozen=True):
    """`places` processes at a time."""

    places: int
    surroundings: Surroundings
    tries: int = 2  # in company, then alone: nobody but the student's batch ends a process here
    patience: float = 3600

    def start(self, group: Sequence[Wanted]) -> "Session":
        ours, theirs = SPAWN.Pipe(duplex=False)
        folder = tempfile.TemporaryDirectory(prefix="grader-batch-", ignore_cleanup_errors=True)
        told = theirs, tuple(group), self.surroundings, folder.name
        process = SPAWN.Process(target=_tell, args=told, daemon=True)
        with _deaf():
            process.start()
        theirs.close()  # else the end of the process would not be the end of the pipe
        return Session(process, ours, folder)


class Session(Struct, frozen=True):
    """One process, the pipe through which it tells, and where it keeps what it works on."""

    process: SpawnProcess
    messages: Connection
    folder: tempfile.TemporaryDirectory[str]

    def receive(self, seconds: float) -> bytes:
        if not self.messages.poll(seconds):
            raise TimeoutError
        try:
            return self.messages.recv_bytes()
        except (EOFError, OSError):
            self.process.join()
            raise Lost(f"the grader's process ended with status {self.process.exitcode}") from None

    def stop(self) -> None:
        if self.process.pid is not None and self.process.is_alive():
            lifeline.end(self.process.pid)
        self.process.join()
        self.messages.close()
        self.folder.cleanup()


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """What starts meanwhile does not hear the Ctrl-C of a terminal, not even before its own first line."""
    resource_tracker.ensure_running()  # its start would make us hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _tell(messages: Connection, group: Sequence[Wanted], surroundings: Surroundings, folder: str) -> None:
    """What the process does. When nobody listens any more, it ends at its next message."""
    tempfile.tempdir = folder  # who is killed cleans up nothing
    lifeline.hold()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # at a terminal Ctrl-C reaches us too; we are told to stop
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # for what we start ourselves
    with contextlib.suppress(BrokenPipeError):
        for message in batch.measure(group, surroundings):
            messages.send_bytes(message)
        messages.send_bytes(b"")
