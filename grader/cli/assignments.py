"""The assignment that the arguments of a command name, and until when it is due."""

from argparse import Namespace

from grader import assignment
from grader.assignment import Assignment


def due(reference: str, deadline: str = "") -> Assignment:
    """The assignment of this name, with another deadline if one is given. Raises GraderError."""
    found = assignment.load(assignment.find(reference))
    return found.due(deadline) if deadline else found


def extension(arguments: Namespace, url: str, assignment_id: str) -> str:
    """The deadline that was asked for, else the student's own in the roster, else none."""
    if arguments.deadline or not arguments.roster:
        return str(arguments.deadline)
    from grader.cli import rosters
    from grader.repository import address

    key = address.key(url)
    members = (each for each in rosters.members(arguments) if each.url and address.key(each.url) == key)
    return next((each.extensions.get(assignment_id, "") for each in members), "")
