"""What persons gave in nbgrader's formgrader: points and words that hold instead of ours."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.course import decisions
from grader.course.decisions import Decision, binding
from grader.course.nbgrader import gradebook_file, scores
from grader.course.nbgrader.scores import Entry
from grader.course.saved import Due


class Given(Struct, frozen=True):
    """One cell as a person graded it, extra credit included."""

    cell: str
    points: float
    comment: str = ""


class Decided(Struct, frozen=True):
    """A student's points in all, where a person gave some. `open` are cells that nobody has decided."""

    student: str
    points: float
    of: float
    outcome: str  # passed or failed
    because: str
    open: tuple[str, ...] = ()


def read(course: Path, name: str) -> dict[str, tuple[Given, ...]]:
    """By student, those who were given something by hand. Raises GraderError."""
    found: dict[str, tuple[Given, ...]] = {}
    with gradebook_file.opened(course) as gradebook:
        for submission in gradebook.assignment_submissions(name) if name in _names(gradebook) else ():
            for written in submission.notebooks:
                comments = {each.name: each.manual_comment for each in written.comments}
                given = tuple(
                    Given(
                        grade.name,
                        scores.points(grade),
                        (comments.get(grade.name) or "").strip(),
                    )
                    for grade in sorted(written.grades, key=lambda each: each.name)
                    if grade.manual_score is not None or grade.extra_credit
                )
                if given:
                    found[submission.student.id] = given
    return found


def _names(gradebook: Any) -> set[str]:
    return {assignment.name for assignment in gradebook.assignments}


def decide(entry: Entry, given: Sequence[Given], of: float, enough: float = 0) -> Decided:
    """Our points with those that a person gave in their place, scaled to the `of` of the criterion."""
    by_hand = {each.cell: each for each in given}
    total, left = 0.0, []
    for name, score in entry.scores.items():
        if name in by_hand:
            total += by_hand[name].points
        else:
            total += score.least
            left += [name] if score.least != score.most else []
    all_points = sum(score.of for score in entry.scores.values())
    told = "; ".join(_told(each) for each in given)
    points = round(min(total / all_points, 1) * of, 6)
    outcome = "passed" if points and points >= enough * of else "failed"
    return Decided(entry.student, points, of, outcome, f"in formgrader: {told}", tuple(left))


def decision(decided: Decided, entry: Entry, due: Due, by: str, made: Sequence[Decision]) -> Decision | None:
    """For decisions.toml, bound to the evidence that was graded; None where the same was decided before."""
    name = due.criterion.name
    seen = binding.digest(due.assignment, entry.evidence, name) if entry.evidence else ""
    last = {each.about: each for each in decisions.of(made, entry.student, due.assignment.id)}.get(name)
    now = (decided.points, decided.outcome, decided.because, seen)
    if last and (last.points, last.outcome, last.because, last.evidence) == now:
        return None
    return Decision(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        by=by,
        student=entry.student,
        assignment=due.assignment.id,
        check=name,
        points=decided.points,
        outcome=decided.outcome,
        because=decided.because,
        evidence=seen,
    )


def _told(given: Given) -> str:
    words = f" ({given.comment})" if given.comment else ""
    return f"{given.cell} {given.points:g} points{words}"
