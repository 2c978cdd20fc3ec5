"""`grader explain` and `grader spec lint`: what a check looks for, and mistakes in assignments."""

import sys
from argparse import Namespace
from pathlib import Path

from grader import checks, deadlines
from grader.cli import assignments
from grader.course import rules
from grader.ground import toml
from grader.ground.errors import GraderError
from grader.render import manual


def explain(arguments: Namespace) -> int:
    name = arguments.check
    if not name:
        print(manual.table(checks.TABLE), end="")
        return 0
    if name not in checks.TABLE:
        raise GraderError(f"{name!r} is not a check{toml.did_you_mean(name, checks.TABLE)}")
    print(manual.page(name, checks.TABLE[name]), end="")
    due = assignments.due(arguments.assignment).deadline
    if due and isinstance(due, checks.TABLE[name]):
        print(f"\n{deadlines.explanation(due.policy, due.instant)}", end="")
    return 0


def lint(arguments: Namespace) -> int:
    mistakes = 0
    for reference in arguments.assignments:
        try:
            print(f"{reference}: {_linted(reference)}")
        except GraderError as mistake:
            mistakes += 1
            print(f"grader: {mistake}", file=sys.stderr)
    return 2 if mistakes else 0


def _linted(reference: str) -> str:
    """What an assignment, or a course, asks for, in short. Raises GraderError: it has mistakes."""
    if Path(reference).name == "course.toml":
        course = rules.read(Path(reference))
        return f"{course.title}: {len(course.assignments)} assignments, {len(course.parts)} parts"
    found = assignments.due(reference)
    return f"{found.title}: {len(found.criteria)} checks, {found.points:g} points"
