"""What the arguments of a command ask to measure, as the records that the rest of the grader takes."""

from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from grader import intake, repository
from grader.assignment import Assignment
from grader.cli import assignments
from grader.submission import Surroundings


class Asked(NamedTuple):
    """One submission, the assignment with the deadline that holds, and what there is to measure with."""

    request: intake.Request
    assignment: Assignment
    surroundings: Surroundings


def submission(arguments: Namespace) -> Asked:
    """Raises GraderError."""
    url = repository.address.parse(arguments.url, intake.PROTOCOLS).url  # a relative path made absolute
    due = assignments.due(arguments.assignment)
    own = assignments.own(arguments.deadline, assignments.rostered(arguments), url, due.id)
    due = due.due(own.deadline) if own.deadline else due
    if arguments.ledger:
        due = replace(due, witnesses=replace(due.witnesses, ledger=arguments.ledger))
    around = surroundings(arguments)
    request = intake.Request(
        url=url,
        branch=arguments.branch,
        assignment=arguments.assignment,
        deadline=own.deadline,
        listed=own.listed,
        static=arguments.static,
        offered=around.offered,
    )
    return Asked(request, due, around)


def surroundings(arguments: Namespace) -> Surroundings:
    return Surroundings(
        scratch=Path(),
        cache=intake.cache(),
        images=arguments.images,
        mirror=arguments.mirror,
        weights=arguments.weights,
        device=arguments.device,
        pool=arguments.pool,
        python=arguments.student_python,
        unsafe=arguments.unsafe_no_sandbox,
    )
