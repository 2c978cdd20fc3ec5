"""What a student has reached in a course: parts, total, grade, signature, offered grade. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from grader.course.rules import WHOLE, Rules, conditions, totals
from grader.course.rules.conditions import Answer, Reached
from grader.course.standing import Standing
from grader.ground.verdict import Points


class Record(Struct, frozen=True, kw_only=True):
    """`percents` are of each part and of the whole, 0 to 100; None where everything in it is excused.

    `grades` are the least and the highest grade that are possible, "" where no grade is reached.
    """

    student: str
    name: str = ""
    standings: tuple[Standing, ...]
    percents: Mapping[str, Points | None]
    grades: tuple[str, str] | None = None
    signature: Answer | None = None
    offered: Answer | None = None

    @property
    def total(self) -> Points | None:
        return self.percents.get(WHOLE)


def of(student: str, name: str, standings: Sequence[Standing], rules: Rules) -> Record:
    """One student's record. The order of `standings` does not matter."""
    charged = totals.after_free_days(standings, rules.late_days.free)
    by_id = {each.assignment: each for each in charged}
    percents = {key: totals.of_part(part, by_id) for key, part in rules.parts.items()}
    whole = totals.of_whole(rules.parts, percents)
    reached = Reached(by_id, rules.parts, {**percents, WHOLE: whole})
    signature = conditions.answer(rules.signature, reached) if rules.signature else None
    reached = Reached(by_id, rules.parts, reached.percents, signature)
    return Record(
        student=student,
        name=name,
        standings=tuple(sorted(charged, key=lambda each: (each.due, each.assignment))),
        percents=reached.percents,
        grades=_grades(rules, whole),
        signature=signature,
        offered=conditions.answer(rules.offered_grade, reached) if rules.offered_grade else None,
    )


def _grades(rules: Rules, whole: Points | None) -> tuple[str, str] | None:
    if not rules.grades or whole is None:
        return None
    return totals.grade(rules.grades, whole.min), totals.grade(rules.grades, whole.max)
