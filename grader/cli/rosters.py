"""The roster that the arguments of a command name."""

import sys
from argparse import Namespace
from pathlib import Path

from grader import assignment
from grader.course import roster
from grader.course.roster import Member, headings
from grader.ground.visible import visible


def members(arguments: Namespace) -> tuple[Member, ...]:
    """All students; what is odd in the roster is told on standard error. Raises GraderError.

    A column has to be an assignment where the course's own are at hand: in ./assignments, or beside the one
    that is named.
    """
    named = getattr(arguments, "assignment", "")
    own = named or Path("assignments").is_dir()
    known = assignment.ids(named) if own else frozenset[str]()
    found = roster.read(arguments.roster, known, headings.chosen(arguments.columns))
    for each in found.told:
        print(visible(f"{arguments.roster}: {each}"), file=sys.stderr)
    return found.members
