"""Whether the data source has the images that a submission lists, where that can be looked up."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from grader import contract
from grader.contract import SplitRow
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running import images, tables
from grader.running.images import digits
from grader.submission import Submission

# Open Images names each photograph by 64 bits: https://storage.googleapis.com/openimages/web/download_v7.html
OPEN_IMAGES_ID = re.compile(r"[0-9a-f]{16}")
SHOWN = 5
NO_TABLES = "course.toml names no folder with its tables (open_images)"


class AtSource(Struct, frozen=True, kw_only=True):
    """What the source `name` says about the listed images.

    `absent`: it has no such images; `doubtful`: no table here has them, and it could not be asked itself;
    `unasked`: why nobody looked the rest up, "" where all were. `examples` of the first two, with lines.
    """

    name: str = ""
    absent: int = 0
    doubtful: int = 0
    examples: tuple[str, ...] = ()
    unasked: str = ""


def look_up(submission: Submission, open_images: str) -> AtSource:
    """`open_images`: a folder with the tables of Open Images, or "". Raises SubmissionError."""
    name, rows = contract.read(submission).data.source, contract.splits(submission)
    match name:
        case "digits":
            return _found(name, [row for row in rows if digits.index_of(row.image_id) is None])
        case "openimages":
            return _among_photographs(submission, rows, Path(open_images) if open_images else None)
    return AtSource(name=name)


def _found(
    name: str, absent: Sequence[SplitRow], doubtful: Sequence[SplitRow] = (), unasked: str = ""
) -> AtSource:
    shown = tuple(f"{row.image_id} (line {row.line})" for row in (*absent, *doubtful)[:SHOWN])
    return AtSource(name=name, absent=len(absent), doubtful=len(doubtful), examples=shown, unasked=unasked)


def _among_photographs(submission: Submission, rows: Sequence[SplitRow], folder: Path | None) -> AtSource:
    """Tables are of some labels, and may lack photographs that exist: the source has the last word."""
    misnamed = [row for row in rows if not OPEN_IMAGES_ID.fullmatch(row.image_id)]
    if folder is None:
        return _found("openimages", misnamed, unasked=NO_TABLES)
    try:
        unlisted = set(tables.look_up(submission, folder).absent_ids)
    except NotMeasured as trouble:
        return _found("openimages", misnamed, unasked=trouble.reason)
    waiting = [row for row in rows if row.image_id in unlisted and row not in misnamed]
    if submission.surroundings.static:
        return _found("openimages", misnamed, waiting)
    try:
        there = images.by_id(submission, [row.image_id for row in waiting])
    except (NotMeasured, SubmissionError):
        return _found("openimages", misnamed, waiting)
    return _found("openimages", [*misnamed, *(row for row in waiting if row.image_id not in there)])
