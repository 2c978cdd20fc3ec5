"""The arguments of `grader quiz ...`. `runs` is a function of `grader.cli.quiz`."""

import argparse
from collections.abc import Callable
from pathlib import Path


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    quiz = commands.add_parser("quiz", help="quizzes: check a source, build from it, take results in")
    under = quiz.add_subparsers(required=True, metavar="COMMAND")
    for name, purpose, takes in (
        ("lint", "find mistakes in a quiz's source, by file, line and question", _lint),
        ("build", "notebooks, Kahoot's sheet, print and key from a quiz's source", _build),
    ):
        _add(under, name, purpose, takes)


def _add(
    under: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    purpose: str,
    takes: Callable[[argparse.ArgumentParser], None],
) -> None:
    command = under.add_parser(name, help=purpose)
    command.set_defaults(command="quiz.run", runs=name)
    takes(command)


def _lint(command: argparse.ArgumentParser) -> None:
    command.add_argument("quizzes", metavar="QUIZ", nargs="+", help="id, folder or quiz.toml")


def _build(command: argparse.ArgumentParser) -> None:
    command.add_argument("quiz", metavar="QUIZ", help="id, folder or quiz.toml")
    command.add_argument("--out", metavar="DIR", type=Path, required=True)
