"""The results of a class in a quiz, from saved evidence."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from grader.assignment import Assignment, Criterion
from grader.checks.quiz import Loaded
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Crashed, Evidence, Measured, Unfit, Unmeasured
from grader.reading.quizzes import Quiz, Result


class Graded(Struct, frozen=True):
    """One student's results. `submitted` is ISO 8601 with a zone, or "" where nobody knows."""

    student: str
    results: tuple[Result, ...]
    submitted: str = ""
    evidence: Evidence | None = None


class Missing(Struct, frozen=True):
    """Evidence without answers: whose, and why."""

    file: str
    why: str


class Due(Struct, frozen=True):
    """An assignment that is a quiz."""

    assignment: Assignment
    criterion: Criterion
    check: Loaded

    @property
    def quiz(self) -> Quiz:
        return self.check.quiz

    @classmethod
    def of(cls, assignment: Assignment) -> "Due":
        """Raises GraderError: it is no quiz."""
        for criterion in assignment.criteria:
            if isinstance(criterion.check, Loaded):
                return cls(assignment, criterion, criterion.check)
        raise GraderError(f"{assignment.id} has no [checks.quiz]: it is no quiz")


def files(folder: Path, assignment: str = "") -> Sequence[Path]:
    """Evidence in `folder`, which is that of an assignment, or of a course with a folder for each.

    Raises GraderError: there is none.
    """
    found = sorted(folder.glob("*.json")) or sorted(
        (folder / assignment).glob("*.json") if assignment else ()
    )
    if not found:
        raise GraderError(
            f"{folder} holds no evidence of a quiz; name the quiz with --assignment, or its own folder there"
        )
    return found


def read(folder: Path, due: Due) -> Iterator[Graded | Missing]:
    """Each student of the class, by file name."""
    for path in files(folder, due.assignment.id):
        yield _one(path.name, evidence_file.load(path), due)


def _one(name: str, evidence: Evidence, due: Due) -> Graded | Missing:
    match evidence.measurements.get(due.criterion.name):
        case Measured(data):
            if not evidence.student:
                return Missing(name, "nobody is named: put student = into submission.toml")
            answers = due.check.restore(data)
            submitted = evidence.commit.committed if evidence.commit else ""
            return Graded(evidence.student, due.check.results(answers), submitted, evidence)
        case Unfit(finding):
            return Missing(name, finding.message)
        case Unmeasured(reason):
            return Missing(name, reason)
        case Crashed(summary):
            return Missing(name, f"the grader broke: {summary}")
    return Missing(name, "evidence of another assignment")
