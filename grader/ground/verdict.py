"""The plain data that flows through the grader: findings, evidence, verdicts. No logic but arithmetic.

Every record is frozen, holds plain field types, and is therefore also JSON.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

SCHEMA = 2

Level = Literal["error", "warning", "note"]


class Finding(Struct, frozen=True):
    """One thing that was found, in words for the student.

    `where` is `path:line`, `path#c7` (notebook cell, counted from 0), `path.pdf:p3`, `commit 1a2b3c4`
    or empty. An `error` fails its check; a `warning` or a `note` does not.
    """

    level: Level
    message: str
    where: str = ""
    hint: str = ""


def error(message: str, where: str = "", hint: str = "") -> Finding:
    return Finding("error", message, where, hint)


def warning(message: str, where: str = "", hint: str = "") -> Finding:
    return Finding("warning", message, where, hint)


def note(message: str, where: str = "", hint: str = "") -> Finding:
    return Finding("note", message, where, hint)


class Measured(Struct, frozen=True, tag="measured"):
    """What a check's `collect` returned, as plain data."""

    data: dict[str, Any]


class Unfit(Struct, frozen=True, tag="unfit"):
    """The submission does not hold what the check looks at: the student's trouble."""

    finding: Finding
    missing: bool = False


class Unmeasured(Struct, frozen=True, tag="unmeasured"):
    """Nobody could measure it here: no network, no weights, no sandbox."""

    reason: str
    hint: str = ""


class Crashed(Struct, frozen=True, tag="crashed"):
    """The grader broke while measuring: our trouble. `trace` is for the maintainers."""

    summary: str
    trace: str


Measurement = Measured | Unfit | Unmeasured | Crashed


class Commit(Struct, frozen=True):
    """The commit that was measured. `committed` is the date it claims, ISO 8601 with its own zone."""

    sha: str
    committed: str
    branch: str
    status: str


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything measured on one submission: enough to judge it again without the repository."""

    schema: int = SCHEMA
    grader: str
    assignment: str
    deadline: str = ""  # the one that was asked for instead of the assignment's
    static: bool = False  # only what reads files was measured
    chosen: str = ""  # the commit that a person named; else the one that counts by the deadline
    offered: tuple[str, ...] = ()  # what was there to measure with, besides the machine
    url: str
    student: str
    listed: tuple[str, ...] = ()  # whose it is by the roster, and with whom they hand in
    commit: Commit | None
    measurements: dict[str, Measurement]
    made_from: dict[str, str] = {}  # by check: a name of all that its measurement was made from
    heads: str = ""  # a name of all branches that the repository had then
    graded: str = ""  # when it was measured, ISO 8601 in UTC
    seconds: dict[str, float] = {}  # by check: how long its measurement took


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    BLOCKED = "blocked"
    BROKEN = "broken"


class Points(Struct, frozen=True):
    """A range: `min` is certain, `max` is still possible."""

    min: float
    max: float
    of: float


class Decided(Struct, frozen=True):
    """What a person decided, in words: `what` holds, because of `because`. `time` is ISO 8601 in UTC.

    `again`: it was made on other evidence than there is now, so it holds no longer and a person looks again.
    """

    what: str
    by: str
    time: str
    because: str
    again: bool = False


class Result(Struct, frozen=True, kw_only=True):
    """One check's outcome. `looked_for` is its description in one line; of a pass, what was verified."""

    check: str
    outcome: Outcome
    points: Points
    required: bool
    looked_for: str
    findings: tuple[Finding, ...] = ()
    measured: Mapping[str, Any] = {}
    decided: Decided | None = None
    seconds: float | None = None  # that its measurement took; None where nobody noted it


class Verdict(Struct, frozen=True, kw_only=True):
    """All outcomes and the points of one submission: the file others build on, so its names stay."""

    schema: int = SCHEMA
    grader: str
    assignment: str
    title: str
    url: str
    student: str
    commit: Commit | None  # the one that counts; None where none does, or none that was looked at
    looked_at: Commit | None = None  # the one that the checks are about
    counts: Literal["yes", "no", "open"] = "yes"  # whether what was looked at counts; open: not decided yet
    outcome: Outcome
    points: Points
    penalty: float = 0.0  # percent that were taken off for being late
    results: tuple[Result, ...]
    for_instructor: tuple[Finding, ...] = ()  # about all of it, and in nothing that a student reads
    decided: tuple[Decided, ...] = ()  # about all of it, as an excuse or an extension
