"""What a class handed in to one check, from saved evidence."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.assignment import Assignment, Criterion
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Crashed, Evidence, Measured, Unfit, Unmeasured
from grader.ground.visible import visible


class Due(Struct, frozen=True):
    """An assignment, and the criterion of it that is looked at."""

    assignment: Assignment
    criterion: Criterion


class Handed(Struct, frozen=True):
    """One student's: `measured` is what the check collected."""

    evidence: Evidence
    measured: Any

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


def read(folder: Path, due: Due) -> Iterator[Handed | Missing]:
    """Each student of the class, by file name."""
    for path in files(folder, due.assignment.id):
        yield _one(path.name, evidence_file.load(path), due)


def _one(name: str, evidence: Evidence, due: Due) -> Handed | Missing:
    match evidence.measurements.get(due.criterion.name):
        case Measured(data):
            if not evidence.student:
                return Missing(name, "nobody is named: put student = into submission.toml")
            return Handed(evidence, due.criterion.check.restore(data))
        case Unfit(finding):
            return Missing(name, finding.message)
        case Unmeasured(reason):
            return Missing(name, reason)
        case Crashed(summary):
            return Missing(name, f"the grader broke: {summary}")
    return Missing(name, "evidence of another assignment")
