"""The commands of `grader quiz`: each takes the parsed arguments and returns the exit status.

What a command needs beside the base install is imported by it alone; without it the instructor is told.
"""

import importlib
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType

from grader import assignment
from grader.ground import toml
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


COMMANDS = {"lint": lint, "build": build}


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
