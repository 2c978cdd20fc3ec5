"""The results of a class in a quiz, from saved evidence."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.assignment import Assignment
from grader.checks.quiz import Loaded
from grader.course import saved
from grader.course.saved import Handed, Missing
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.reading.quizzes import Quiz, Result


class Graded(Struct, frozen=True):
    """One student's results. `submitted` is ISO 8601 with a zone, or "" where nobody knows; `penalty` the
    percent that being late costs; `earned` the share of the points, at least and at most; `doubt` is why it
    is not certain whose answers these are.
    """

    student: str
    results: tuple[Result, ...]
    submitted: str = ""
    penalty: float = 0
    evidence: Evidence | None = None
    earned: tuple[float, float] = (0.0, 0.0)
    doubt: str = ""

    @classmethod
    def of(cls, handed: Handed, check: Loaded) -> "Graded":
        results = check.results(handed.measured)
        return cls(
            handed.student,
            results,
            handed.submitted,
            handed.penalty,
            handed.evidence,
            check.earned(handed.measured),
            handed.measured.doubt,
        )


class Due(saved.Due, frozen=True):
    """An assignment that is a quiz."""

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


def read(folder: Path, due: Due) -> Iterator[Graded | Missing]:
    """Each student of the class, by file name."""
    for each in saved.read(folder, due):
        yield each if isinstance(each, Missing) else Graded.of(each, due.check)
