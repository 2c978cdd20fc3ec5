"""One student and one assignment, judged from what is kept: no network, no clock."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.course import decisions, kept, record, standing
from grader.course.decisions import Decision, applying
from grader.course.record import Record
from grader.course.roster import Member
from grader.course.rules import Rules
from grader.course.standing import Standing
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence, Verdict


class Line(Struct, frozen=True):
    """A verdict, or why there is none. With a verdict, `trouble` says why it is older than the last look."""

    member: Member
    due: Assignment
    verdict: Verdict | None
    evidence: Evidence | None = None
    trouble: str = ""
    excused: str = ""

    @property
    def outcome(self) -> str:
        if self.excused:
            return "excused"
        return str(self.verdict.outcome) if self.verdict else "not measured"

    @property
    def standing(self) -> Standing:
        if self.verdict and self.evidence:
            found = standing.of(self.due, self.verdict, self.evidence)
        else:
            found = standing.absent(self.due, self.trouble)
        return standing.excused(found, self.excused)


class Course(Struct, frozen=True):
    """`folder` holds evidence by assignment; `made` are all decisions.

    `revealed` is the moment, in seconds since 1970, at which right answers are told; 0: they are not.
    """

    folder: Path
    members: tuple[Member, ...]
    made: tuple[Decision, ...] = ()
    revealed: float = 0.0


def dues(course: Course, assignment: Assignment) -> tuple[Assignment, ...]:
    """For each member the assignment with the deadline of their repository, in the order of the roster.

    It is the roster's, or the one that a person decided; what one member of a team is given all of them have,
    and of several the last. Raises GraderError.
    """
    own = {member.student: _own_due(course, member, assignment) for member in course.members}

    def together(member: Member) -> Assignment:
        given = (own.get(each, assignment) for each in (member.student, *member.partners))
        return max((each for each in given if each is not assignment), key=_last, default=assignment)

    return tuple(map(together, course.members))


def _own_due(course: Course, member: Member, assignment: Assignment) -> Assignment:
    extension = member.extensions.get(assignment.id, "")
    moved = assignment.due(extension) if extension else assignment
    return applying.due(moved, decisions.of(course.made, member.student, assignment.id))


def _last(due: Assignment) -> int:
    return due.deadline.instant.last if due.deadline else 0


def line(course: Course, member: Member, own: Assignment) -> Line:
    """`own` is the assignment with the deadline of the member's repository.

    Raises GraderError: something is revealed while there is time left.
    """
    made = decisions.of(course.made, member.student, own.id)
    where = kept.place(course.folder / own.id, member.student)
    trouble, excused = kept.trouble(where), applying.excuse(made)
    own = own.revealed(course.revealed) if course.revealed else own
    try:
        evidence = kept.load(where)
    except GraderError as unreadable:
        return Line(member, own, None, None, str(unreadable), excused)
    if evidence is None:
        return Line(member, own, None, None, trouble, excused)
    evidence = replace(evidence, listed=member.listed)  # the roster of today
    return Line(member, own, applying.judge(own, evidence, made), evidence, trouble, excused)


def lines(course: Course, assignment: Assignment) -> tuple[Line, ...]:
    """All students of the roster, in its order."""
    both = zip(course.members, dues(course, assignment), strict=True)
    return tuple(line(course, member, own) for member, own in both)


def records(course: Course, rules: Rules) -> tuple[Record, ...]:
    """What each student has reached, in the order of the roster."""
    found = {each.id: lines(course, each) for each in named(rules).values()}
    return tuple(
        record.of(member.student, member.name, [of[number].standing for of in found.values()], rules)
        for number, member in enumerate(course.members)
    )


def named(rules: Rules) -> Mapping[str, Assignment]:
    """The assignments that the rules speak of."""
    ids = [name for part in rules.parts.values() for name in part.assignments]
    for condition in (rules.signature, rules.offered_grade):
        ids += [*condition.passed, *condition.in_time] if condition else []
    return {name: rules.assignments[name] for name in dict.fromkeys(ids)}
