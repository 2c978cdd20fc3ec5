"""The commands of `grader quiz`: each takes the parsed arguments and returns the exit status.

What a command needs beside the base install is imported by it alone; without it the instructor is told.
"""

import importlib
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType

from grader import assignment
from grader.cli import assignments, rosters
from grader.course import saved
from grader.course.quizzes import notebook
from grader.course.quizzes import saved as quiz_results
from grader.course.quizzes.saved import Due, Graded
from grader.course.saved import Missing
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
    made = building.files(quiz, notebook.pictures_of(quiz, path.parent))
    building.write(made, arguments.out)
    for name in made:
        print(arguments.out / name)
    if left_out := [question.id for question in sheet.left_out(quiz)]:
        print(f"not in Kahoot's sheet, which has choices alone: {', '.join(left_out)}", file=sys.stderr)
    print("release/ is for students; source/ and private/ hold the key", file=sys.stderr)
    return 0


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
    due = Due.of(assignments.due(arguments.assignment or saved.assignment(arguments.evidence)))
    read = list(quiz_results.read(arguments.evidence, due))
    graded = [each for each in read if isinstance(each, Graded)]
    found = counted.of(due.quiz, graded)
    evidence_file.write(arguments.page, pages.text(found))
    saved.tell([each for each in read if isinstance(each, Missing)])
    print(f"{len(found.shares)} students; {len(found.first)} questions to look at first; {arguments.page}")
    for each in found.first:
        print(f"  {each.question.id}: {'; '.join(each.looks)}")
    return 0


COMMANDS = {"lint": lint, "build": build, "kahoot": kahoot, "statistics": statistics}


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
    if given.is_file() and given.suffix == ".toml" and given.name != "assignment.toml":
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
