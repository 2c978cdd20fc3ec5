"""The commands of `grader quiz`: each takes the parsed arguments and returns the exit status.

What a command needs beside the base install is imported by it alone; without it the instructor is told.
"""

import importlib
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from grader import assignment
from grader.cli import assignments, rosters
from grader.course import decisions
from grader.course.quizzes import saved
from grader.course.quizzes.saved import Due, Graded, Missing
from grader.ground import evidence_file, toml
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.reading import quizzes
from grader.reading.quizzes import Quiz


def run(arguments: Namespace) -> int:
    status: int = COMMANDS[arguments.runs](arguments)
    return status


def lint(arguments: Namespace) -> int:
    """Exit status 2 where there is a mistake."""
    linting = _needed("linting")
    mistakes = 0
    for reference in arguments.quizzes:
        path = _source(reference)
        found = linting.lint(path)
        mistakes += len(found)
        for each in found:
            print(visible(f"{path.parent / str(each)}"), file=sys.stderr)
        if not found:
            quiz = quizzes.load(path)
            print(f"{path}: {quiz.title}: {len(quiz.questions)} questions, {quiz.points:g} points")
    return 2 if mistakes else 0


def build(arguments: Namespace) -> int:
    path = _source(arguments.quiz)
    quiz = _loaded(path)
    building, sheet = _needed("building"), _needed("kahoot_sheet")
    made = building.files(quiz, building.pictures(quiz, path.parent))
    building.write(made, arguments.out)
    for name in made:
        print(arguments.out / name)
    if left_out := [question.id for question in sheet.left_out(quiz)]:
        print(f"not in Kahoot's sheet, which has choices alone: {', '.join(left_out)}", file=sys.stderr)
    print("release/ is for students; source/ and private/ hold the key", file=sys.stderr)
    return 0


def nbgrader(arguments: Namespace) -> int:
    """Exit status 4 where somebody's evidence holds no answers."""
    scores, building = _needed("nbgrader_scores"), _needed("building")
    due = _due(arguments)
    graded, missing = _class(arguments.evidence, due)
    pictures = building.pictures(due.quiz, _source(_reference(arguments)).parent)
    course = scores.Course(arguments.course, due.quiz, pictures, arguments.reveal)
    changed = scores.write(course, graded)
    _tell_missing(missing)
    print(f"{len(graded)} students, {changed} scores changed in {arguments.course / 'gradebook.db'}")
    if arguments.decisions:
        _decide(arguments, due, graded)
    return 4 if missing else 0


def _decide(arguments: Namespace, due: Due, graded: Sequence[Graded]) -> None:
    """What persons gave in formgrader becomes decisions."""
    grades = _needed("nbgrader_grades")
    given = grades.read(arguments.course, due.quiz)
    made = decisions.read(arguments.decisions)
    added = 0
    for each in graded:
        if each.student not in given:
            continue
        decided = grades.decide(each, given[each.student], due.criterion.points)
        if decided.open:
            print(f"{each.student}: still to be graded: {', '.join(decided.open)}", file=sys.stderr)
        elif new := grades.decision(decided, each, due, arguments.by, made):
            decisions.add(arguments.decisions, new)
            added += 1
    print(f"{added} decisions added to {arguments.decisions}")


def kahoot(arguments: Namespace) -> int:
    """Exit status 4 where a person has something to decide."""
    reports, taking = _needed("kahoot_report"), _needed("kahoot_import")
    due = Due.of(assignments.due(arguments.quiz))
    members = rosters.members(arguments)
    path = arguments.aliases or arguments.roster.parent / "aliases.toml"
    known = taking.read_aliases(path)
    report = reports.read(arguments.report)
    found = taking.take_in(report, due, members, known, arguments.report.name)
    folder = arguments.evidence_dir / due.assignment.id
    taking.save(folder, taking.evidence(found, due, arguments.quiz, report, members))
    taking.write_aliases(path, taking.with_new(known, found, due.quiz.id))
    review = arguments.review or folder / "review.toml"
    evidence_file.write(review, taking.review(found, due.quiz.id, members))
    if found.others:
        told = "; ".join(visible(text, 80) for text in found.others)
        print(f"{len(found.others)} questions are not the quiz's: {told}", file=sys.stderr)
    print(
        f"{len(found.matches)} players: {len(found.answers)} students, {len(found.open)} to decide, "
        f"{len(found.conflicts)} who answered twice, {len(found.absent)} absent; {review}"
    )
    return 4 if found.open or found.conflicts else 0


def statistics(arguments: Namespace) -> int:
    counted, pages = _needed("statistics"), _needed("statistics_page")
    due = Due.of(assignments.due(_reference(arguments)))
    graded, missing = _class(arguments.evidence, due)
    found = counted.of(due.quiz, graded)
    evidence_file.write(arguments.page, pages.text(found))
    _tell_missing(missing)
    print(f"{len(graded)} students; {len(found.first)} questions to look at first; {arguments.page}")
    for each in found.first:
        print(f"  {each.question.id}: {'; '.join(each.looks)}")
    return 0


COMMANDS = {"lint": lint, "build": build, "kahoot": kahoot, "nbgrader": nbgrader, "statistics": statistics}


def _reference(arguments: Namespace) -> str:
    """The quiz that was named, else that of the first evidence."""
    return arguments.assignment or evidence_file.load(saved.files(arguments.evidence)[0]).assignment


def _due(arguments: Namespace) -> Due:
    found = assignments.due(_reference(arguments))
    return Due.of(found.revealed(time.time()) if arguments.reveal else found)


def _class(folder: Path, due: Due) -> tuple[list[Graded], list[Missing]]:
    found = list(saved.read(folder, due))
    return [each for each in found if isinstance(each, Graded)], [
        each for each in found if isinstance(each, Missing)
    ]


def _tell_missing(missing: Sequence[Missing]) -> None:
    for each in missing:
        print(visible(f"{each.file}: {each.why}"), file=sys.stderr)


def _needed(name: str) -> ModuleType:
    """A module of the course's quizzes, with the packages that it is made of. Raises GraderError."""
    try:
        return importlib.import_module(f"grader.course.quizzes.{name}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("grader"):
            raise
        raise GraderError(
            f"{missing.name} is not installed: pip install 'smartlab-coursework[quiz]'"
        ) from None


def _source(reference: str) -> Path:
    """The quiz.toml of a quiz: named itself, by its folder, or by its assignment. Raises GraderError."""
    given = Path(reference)
    if given.is_file() and given.name != "assignment.toml":
        return given
    folder = given if (given / quizzes.NAME).is_file() else assignment.find(reference).parent
    if not (folder / quizzes.NAME).is_file():
        raise GraderError(f"{folder} has no {quizzes.NAME}: it is no quiz")
    return folder / quizzes.NAME


def _loaded(path: Path) -> Quiz:
    """Raises GraderError: it has mistakes."""
    try:
        return quizzes.load(path)
    except toml.Misfit as misfit:
        raise GraderError(f"{path.parent / str(misfit)}") from None
