"""Measures some students of a class, in a process of its own that tells what it does as it goes along."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from grader import engine, intake
from grader.assignment import Assignment
from grader.course.roster import Member
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.intake import Request
from grader.submission import Submission, Surroundings


class Wanted(Struct, frozen=True):
    """One student's submission, and the file that its evidence is kept in.

    `known` is the commit ("": there was none) that its evidence is of, where it holds for this grader and
    this deadline.
    """

    member: Member
    request: Request
    assignment: Assignment
    path: Path
    known: str | None = None

    @property
    def trouble(self) -> Path:
        """The file that says in a sentence why there is no evidence."""
        return self.path.with_suffix(".trouble")


class Step(Struct, frozen=True, tag="step"):
    """These students of the batch, by number, are being worked on: who ends the process is among them."""

    students: tuple[int, ...]


class Done(Struct, frozen=True, tag="done"):
    """One student is complete. Neither evidence nor trouble: the evidence that is known holds."""

    student: int
    evidence: Evidence | None = None
    trouble: str = ""


Message = Step | Done


def measure(wanted: Sequence[Wanted], surroundings: Surroundings) -> Iterator[bytes]:
    """Fetches all, evaluates in one go those that are new, then measures one after the other.

    What it yields is read by `read`.
    """
    return map(msgspec.json.encode, _measure(wanted, surroundings))


def read(message: bytes) -> Message:
    """Raises msgspec.MsgspecError: it is none."""
    found: Message = msgspec.json.decode(message, type=Message)
    return found


def _measure(wanted: Sequence[Wanted], surroundings: Surroundings) -> Iterator[Message]:
    with contextlib.ExitStack() as stack:
        opened: dict[int, Submission] = {}
        for number, each in enumerate(wanted):
            yield Step((number,))
            try:
                submission = stack.enter_context(intake.opened(each.request, each.assignment, surroundings))
            except GraderError as trouble:
                yield Done(number, trouble=str(trouble))
            except Exception as trouble:  # noqa: BLE001 - as in `intake.collect`
                yield Done(number, intake.without_files(each.request, each.assignment, trouble))
            else:
                if submission.sha == each.known:
                    yield Done(number)
                else:
                    opened[number] = submission
        new = [submission for submission in opened.values() if not submission.surroundings.static]
        if new:
            yield Step(tuple(opened))
            engine.measure_together(wanted[0].assignment, new)
        for number, submission in opened.items():
            yield Step((number,))
            each = wanted[number]
            measurements = engine.measure_all(each.assignment, submission)
            yield Done(number, intake.evidence_of(each.request, each.assignment, submission, measurements))
