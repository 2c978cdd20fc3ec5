"""What a class handed in to one check, from saved evidence."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader import engine
from grader.assignment import Assignment, Criterion
from grader.course import decisions
from grader.course.decisions import Decision, applying
from grader.engine import Counts
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Crashed, Evidence, Measured, Unfit, Unmeasured, Verdict
from grader.ground.visible import visible

UNCOUNTED: dict[Counts, str] = {
    "no": "nothing was handed in by the deadline",
    "open": "which commit counts by the deadline is open: grader judge tells why",
}


class Due(Struct, frozen=True):
    """An assignment, and the criterion of it that is looked at."""

    assignment: Assignment
    criterion: Criterion


class Handed(Struct, frozen=True):
    """One student's: `measured` is what the check collected, `penalty` the percent that being late costs."""

    student: str
    evidence: Evidence
    measured: Any
    penalty: float = 0

    @property
    def submitted(self) -> str:
        """ISO 8601 with a zone, or "" where nobody knows."""
        return self.evidence.commit.committed if self.evidence.commit else ""


class Missing(Struct, frozen=True):
    """Evidence in which there is nothing measured: whose, and why."""

    file: str
    why: str


def files(folder: Path, of: str = "") -> Sequence[Path]:
    """Evidence in `folder`, which is that of an assignment, or of a course with a folder for each.

    Raises GraderError: there is none.
    """
    found = sorted(folder.glob("*.json")) or sorted((folder / of).glob("*.json") if of else ())
    if not found:
        raise GraderError(
            f"{folder} holds no evidence; name the assignment with --assignment, or its own folder there"
        )
    return found


def assignment(folder: Path) -> str:
    """The assignment that the first evidence is of. Raises GraderError: there is none."""
    return evidence_file.load(files(folder)[0]).assignment


def tell(missing: Sequence[Missing]) -> None:
    """Whose evidence holds nothing, on standard error."""
    for each in missing:
        print(visible(f"{each.file}: {each.why}"), file=sys.stderr)


def read(
    folder: Path, due: Due, made: Sequence[Decision] = (), revealed: float = 0
) -> Iterator[Handed | Missing]:
    """Each student of the class, by file name; `made` is what persons decided.

    Whose it is, the roster says; what the submission says of itself counts where there was no roster.
    `revealed` is the moment, in seconds since 1970, at which right answers are told; 0: they are not.

    Raises:
        GraderError: something is revealed while somebody has time left.
    """
    for path in files(folder, due.assignment.id):
        evidence = evidence_file.load(path)
        asked = due.assignment.due(evidence.deadline) if evidence.deadline else due.assignment
        student = evidence.listed[0] if evidence.listed else evidence.student
        own = decisions.of(made, student, asked.id)
        mine = applying.due(asked, own)
        if revealed:
            mine.revealed(revealed)
        yield _one(path.name, student, evidence, due.criterion, applying.judge(mine, evidence, own))


def _one(
    name: str, student: str, evidence: Evidence, criterion: Criterion, verdict: Verdict
) -> Handed | Missing:
    match evidence.measurements.get(criterion.name):
        case Measured() if not student:
            return Missing(name, "nobody is named: put student = into submission.toml")
        case Measured() if verdict.counts != engine.COUNTS:
            return Missing(name, UNCOUNTED[verdict.counts])
        case Measured(data):
            return Handed(student, evidence, criterion.check.restore(data), verdict.penalty)
        case Unfit(finding):
            return Missing(name, finding.message)
        case Unmeasured(reason):
            return Missing(name, reason)
        case Crashed(summary):
            return Missing(name, f"the grader broke: {summary}")
    return Missing(name, "evidence of another assignment")
