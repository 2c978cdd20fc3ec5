"""`grader nbgrader`: what a class reached in a quiz or a lab, into nbgrader's gradebook."""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence

from grader import assignment
from grader.assignment import Assignment
from grader.checks import lab, quiz
from grader.course import decisions, saved
from grader.course.decisions import Decision
from grader.course.labs import for_nbgrader as of_lab
from grader.course.nbgrader import grades, scores
from grader.course.nbgrader.scores import Sheet, SheetOf
from grader.course.quizzes import for_nbgrader as of_quiz
from grader.course.saved import Due
from grader.ground.errors import GraderError

KINDS: tuple[tuple[type, SheetOf], ...] = ((quiz.Loaded, of_quiz.sheet), (lab.Loaded, of_lab.sheet))


def write(arguments: Namespace) -> int:
    """Exit status 4 where somebody's evidence holds no answers."""
    path = assignment.find(arguments.assignment or saved.assignment(arguments.evidence))
    found = assignment.load(path)
    due, sheet_of = _graded_there(found)
    made = decisions.read(arguments.decisions) if arguments.decisions else ()
    handed_in = list(saved.read(arguments.evidence, due, made, time.time() * arguments.reveal))
    sheet = sheet_of(due, path.parent, handed_in, arguments.reveal)
    changed = scores.write(arguments.course, sheet)
    missing = [each for each in handed_in if isinstance(each, saved.Missing)]
    saved.tell(missing)
    print(f"{len(sheet.entries)} students, {changed} scores changed in {arguments.course / 'gradebook.db'}")
    if arguments.decisions:
        _decide(arguments, due, sheet, made)
    return 4 if missing else 0


def _graded_there(found: Assignment) -> tuple[Due, SheetOf]:
    """Its criterion of a kind that nbgrader can show."""
    for criterion in found.criteria:
        for kind, sheet_of in KINDS:
            if isinstance(criterion.check, kind):
                return Due(found, criterion), sheet_of
    raise GraderError(f"{found.id} has neither [checks.quiz] nor [checks.lab]: nbgrader has no place for it")


def _decide(arguments: Namespace, due: Due, sheet: Sheet, made: Sequence[Decision]) -> None:
    """What persons gave in formgrader becomes decisions."""
    given = grades.read(arguments.course, sheet.released.name)
    added = 0
    for entry in sheet.entries:
        if entry.student not in given:
            continue
        decided = grades.decide(entry, given[entry.student], due.criterion.points, sheet.enough)
        if decided.open:
            print(f"{entry.student}: still to be graded: {', '.join(decided.open)}", file=sys.stderr)
        elif new := grades.decision(decided, entry, due, arguments.by, made):
            decisions.add(arguments.decisions, new)
            added += 1
    print(f"{added} decisions added to {arguments.decisions}")
