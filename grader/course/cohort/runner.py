"""Where batches of a class are measured: what this machine's processes and a Ray cluster have in common."""

from collections.abc import Sequence
from typing import Protocol

from grader.course.cohort.batch import Wanted


class Lost(Exception):
    """The process that measured a batch is gone; `str()` says in words how it ended."""


class Session(Protocol):
    """One batch under way, in a process of its own."""

    def receive(self, seconds: float) -> bytes:
        """The next message of `batch.measure`; empty when the batch is complete.

        Raises:
            TimeoutError: there was none for so long. It may be asked again.
            Lost: there will be no more.
        """
        ...

    def stop(self) -> None:
        """Ends the process, whatever it is doing. Messages that were not received are gone."""
        ...


class Runner(Protocol):
    """Starts batches. Its owner starts no more than `places` at a time, and stops each one."""

    @property
    def places(self) -> int: ...

    @property
    def tries(self) -> int:
        """How often a process may be lost over the same student before that student counts as the reason."""
        ...

    @property
    def patience(self) -> float:
        """Seconds until a batch that was started has to give its first message."""
        ...

    def start(self, group: Sequence[Wanted]) -> Session: ...
