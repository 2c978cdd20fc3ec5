"""The results of a class in a quiz, from saved evidence."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from grader.assignment import Assignment, Criterion
from grader.checks.quiz import Loaded
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Crashed, Evidence, Measured, Unfit, Unmeasured
from grader.reading.quizzes import Answers, Quiz, Result


class Graded(Struct, frozen=True):
    """One student's results. `submitted` is ISO 8601 with a zone, or "" where nobody knows."""

    student: str
    results: tuple[Result, ...]
    submitted: str = ""
    answers: Answers = Answers("")


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


def files(folder: Path) -> Sequence[Path]:
    """Raises GraderError: there is no evidence."""
    found = sorted(folder.glob("*.json"))
    if not found:
        raise GraderError(f"{folder} holds no evidence; grader class or grader quiz kahoot writes some")
    return found


def read(folder: Path, due: Due) -> Iterator[Graded | Missing]:
    """Each student of the class, by file name."""
    for path in files(folder):
        yield _one(path.name, evidence_file.load(path), due)


def _one(name: str, evidence: Evidence, due: Due) -> Graded | Missing:
    match evidence.measurements.get(due.criterion.name):
        case Measured(data):
            if not evidence.student:
                return Missing(name, "nobody is named: put student = into submission.toml")
            answers = due.check.restore(data)
            submitted = evidence.commit.committed if evidence.commit else ""
            return Graded(evidence.student, due.check.results(answers), submitted, answers)
        case Unfit(finding):
            return Missing(name, finding.message)
        case Unmeasured(reason):
            return Missing(name, reason)
        case Crashed(summary):
            return Missing(name, f"the grader broke: {summary}")
    return Missing(name, "evidence of another assignment")
