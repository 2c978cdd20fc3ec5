"""Measures some students of a class, in a process of its own."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from grader import __version__, evaluation, evidence_file, intake
from grader.assignment import Assignment
from grader.errors import GraderError, SubmissionError
from grader.intake import Request
from grader.roster import Member
from grader.submission import Submission, Surroundings
from grader.verdict import Evidence


class Wanted(Struct, frozen=True):
    """One student's submission, and the file that its evidence is kept in."""

    member: Member
    request: Request
    assignment: Assignment
    path: Path

    @property
    def trouble(self) -> Path:
        """The file that says in a sentence why there is no evidence."""
        return self.path.with_suffix(".trouble")


def measure(wanted: Sequence[Wanted], surroundings: Surroundings) -> None:
    """Fetches all, evaluates in one go those that are new, then measures one after the other."""
    with contextlib.ExitStack() as stack:
        opened: list[tuple[Wanted, Submission]] = []
        for each in wanted:
            try:
                submission = stack.enter_context(intake.opened(each.request, each.assignment, surroundings))
            except SubmissionError as trouble:
                evidence_file.save(each.path, intake.unfit(each.request, each.assignment, trouble))
            except GraderError as trouble:
                each.trouble.write_text(str(trouble))
            else:
                if known(each, submission):
                    each.path.touch()
                else:
                    opened.append((each, submission))
        if not all(each.request.static for each, _ in opened):
            evaluation.warm([submission for _, submission in opened], processes=1)
        for each, submission in opened:
            evidence = intake.measured(each.request, each.assignment, submission, _silence)
            evidence_file.save(each.path, evidence)


def known(wanted: Wanted, submission: Submission) -> bool:
    """Whether this very commit was measured before, by this grader and for the same deadline."""
    try:
        before: Evidence = evidence_file.load(wanted.path)
    except GraderError:
        return False
    request = wanted.request
    return (before.grader, before.assignment, before.deadline, before.commit and before.commit.sha) == (
        __version__, request.assignment, request.deadline, submission.sha or None,
    )  # fmt: skip


def _silence(_step: str) -> None:
    """A class shows how many students are done, not what is being done for each."""
