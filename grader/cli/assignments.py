"""The assignment that the arguments of a command name, and until when it is due."""

from argparse import Namespace
from typing import NamedTuple

from grader import assignment
from grader.assignment import Assignment


def due(reference: str, deadline: str = "") -> Assignment:
    """The assignment of this name, with another deadline if one is given. Raises GraderError."""
    found = assignment.load(assignment.find(reference))
    return found.due(deadline) if deadline else found


class Own(NamedTuple):
    """What holds for one student: the deadline that was asked for or that the roster extends to, and whose
    work it is by the roster.
    """

    deadline: str = ""
    listed: tuple[str, ...] = ()


def own(arguments: Namespace, url: str, assignment_id: str) -> Own:
    """Raises GraderError."""
    if not arguments.roster:
        return Own(arguments.deadline)
    from grader.cli import rosters
    from grader.repository import address

    key = address.key(url)
    members = (each for each in rosters.members(arguments) if each.url and address.key(each.url) == key)
    found = next((Own(each.extensions.get(assignment_id, ""), each.listed) for each in members), Own())
    return found._replace(deadline=arguments.deadline or found.deadline)
