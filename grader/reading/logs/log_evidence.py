"""What the checks are told of the logs: plain data that is kept."""

from msgspec import Struct

from grader.reading.logs.claims import Claim
from grader.reading.logs.records import Plan, Value
from grader.reading.logs.summary import RunSummary

RUNS_KEPT = 40


class Claimed(Struct, frozen=True):
    """The test accuracy that results.json states, a fraction, on so many images."""

    accuracy: float
    images: int


class LogEvidence(Struct, frozen=True, kw_only=True):
    """The runs of the declared logs, or of all that were found where nothing was declared."""

    declared: tuple[str, ...] = ()
    runs: tuple[RunSummary, ...]
    plans: tuple[Plan, ...] = ()
    validation_images: int = 0
    test_images: int = 0  # by what a repository without a contract shows
    claimed: Claimed | None = None
    stated: tuple[Claim, ...] = ()  # by the README
    measured: tuple[Claim, ...] = ()  # by the logs themselves
    elsewhere: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()  # what may be a log in earlier commits, with the one that deleted it
    unread: tuple[str, ...] = ()
    looked_at: int = 0

    @property
    def all_measured(self) -> tuple[Claim, ...]:
        """What the logs measured, and what the student's own evaluation did."""
        if self.claimed is None:
            return self.measured
        value = Value("accuracy", "test", repr(self.claimed.accuracy), "fraction")
        return (*self.measured, Claim(where="", value=value))
