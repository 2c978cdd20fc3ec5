"""`grader spec lint`: mistakes in assignments, all of a file at once."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from grader.cli import assignments
from grader.course import doubts, rules
from grader.ground.errors import GraderError


def lint(arguments: Namespace) -> int:
    """Exit status 2 where something has to be changed; what is only doubtful changes nothing."""
    mistakes = 0
    for reference in [each for given in arguments.assignments for each in _files(given)]:
        try:
            print(f"{reference}: {_linted(reference)}")
        except GraderError as mistake:
            mistakes += 1
            print(f"grader: {mistake}", file=sys.stderr)
    return 2 if mistakes else 0


def _files(reference: str) -> list[str]:
    """The assignments and the course.toml of a folder that is no assignment itself; else what was named."""
    folder = Path(reference)
    if not folder.is_dir() or (folder / "assignment.toml").exists():
        return [reference]
    found = [*folder.glob("**/assignment.toml"), *folder.glob("course.toml")]
    return sorted(map(str, found)) or [reference]


def _linted(reference: str) -> str:
    """What an assignment, or a course, asks for, in short. Raises GraderError: it has mistakes."""
    if Path(reference).name == "course.toml":
        course = rules.read(Path(reference))
        return f"{course.title}: {len(course.assignments)} assignments, {len(course.parts)} parts"
    found = assignments.due(reference)
    for doubt in doubts.doubts(found, time.time()):
        print(f"{reference}: warning: {doubt}", file=sys.stderr)
    return f"{found.title}: {len(found.criteria)} checks, {found.points:g} points"
