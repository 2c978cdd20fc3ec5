"""The assignment that the arguments of a command name, and until when it is due."""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader import assignment
from grader.assignment import Assignment

if TYPE_CHECKING:
    from grader.course.roster import Member


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


def rostered(arguments: Namespace) -> "Sequence[Member]":
    """The students of the roster that was named; nobody where none was. Raises GraderError."""
    if not arguments.roster:
        return ()
    from grader.cli import rosters

    return rosters.members(arguments)


def own(deadline: str, members: "Sequence[Member]", url: str, assignment_id: str) -> Own:
    """`deadline` is the one that was asked for, "" without one; `members` are those of the roster."""
    if not members:
        return Own(deadline)
    from grader.repository import address

    key = address.key(url)
    own = (each for each in members if each.url and address.key(each.url) == key)
    found = next((Own(each.extensions.get(assignment_id, ""), each.listed) for each in own), Own())
    return found._replace(deadline=deadline or found.deadline)
