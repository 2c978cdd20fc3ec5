"""Who hands in what: all that the core knows of a submission's own words.

Each key that can be read counts here, whatever stands beside it: what else its file has to say, only the
checks of its own homework know.
"""

from typing import Any

from msgspec import Struct

from grader.ground import toml
from grader.ground.errors import SubmissionError
from grader.submission import Submission

NAME = "submission.toml"
LIMIT = 100_000  # bytes
LONGEST = 100  # characters of a name


class HandedIn(Struct, frozen=True):
    """What the student says; 0 and "" where nothing can be read, and then `complaint` says why."""

    schema: int = 0
    assignment: str = ""
    student: str = ""
    complaint: str = ""


def read(submission: Submission) -> HandedIn:
    if not submission.has(NAME):
        return HandedIn()
    try:
        said = tables(submission)
    except SubmissionError as trouble:
        return HandedIn(complaint=trouble.message)
    schema, assignment, student = (said.get(key) for key in ("schema", "assignment", "student"))
    return HandedIn(
        schema if isinstance(schema, int) else 0,
        _name(assignment),
        _name(student),
        ""
        if _name(student)
        else f'{NAME} does not say whose work it is; a line such as student = "ABC123" does',
    )


def tables(submission: Submission) -> dict[str, Any]:
    """The whole file, for those who know what else is in it. Raises SubmissionError: missing, or not TOML."""
    found = submission.once(_tables)
    if isinstance(found, SubmissionError):
        raise found
    return found


def _tables(submission: Submission) -> dict[str, Any] | SubmissionError:
    try:
        return toml.parse(submission.read(NAME, LIMIT), NAME)
    except toml.Misfit as misfit:
        return SubmissionError(str(misfit), NAME, "the starter's file shows how it is written")
    except SubmissionError as trouble:
        return trouble


def _name(said: object) -> str:
    return said.strip()[:LONGEST] if isinstance(said, str) else ""
