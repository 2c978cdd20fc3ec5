"""The arguments of `grader quiz ...`. `runs` is a function of `grader.cli.quiz`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from grader.cli.command import columns, saved


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    quiz = commands.add_parser("quiz", help="quizzes: check a source, build from it, take results in")
    under = quiz.add_subparsers(required=True, metavar="COMMAND")
    for name, purpose, takes in (
        ("lint", "find mistakes in a quiz's source, by file, line and question", _lint),
        ("build", "notebooks, Kahoot's sheet, print and key from a quiz's source", _build),
        ("kahoot", "a report of Kahoot as evidence, by the nicknames of a roster", _kahoot),
        ("statistics", "what the class learnt, as a page: hard, telling, odd questions", _statistics),
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


def _kahoot(command: argparse.ArgumentParser) -> None:
    command.add_argument("report", metavar="REPORT", type=Path, help="the .xlsx file that Kahoot exports")
    command.add_argument(
        "--roster", metavar="FILE", type=Path, required=True, help="CSV or XLSX: students, addresses"
    )
    columns(command)
    command.add_argument("--quiz", metavar="NAME", required=True, help="the quiz's assignment")
    command.add_argument(
        "--evidence-dir", metavar="DIR", type=Path, required=True, help="a file for each player"
    )
    command.add_argument("--aliases", metavar="FILE", type=Path, help="else aliases.toml beside the roster")
    command.add_argument("--review", metavar="FILE", type=Path, help="else DIR/review.toml")


def _statistics(command: argparse.ArgumentParser) -> None:
    saved(command)
    command.add_argument("--page", metavar="FILE", type=Path, required=True, help="HTML; it shows the key")
