"""Photographs of the declared classes that Open Images has and the student never listed, fetched from there.

They are drawn from the tables of Open Images, from each section (train, validation, test) as large a share as
of the listed test images: its sections were annotated in different ways.
"""

import hashlib
import heapq
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from grader import contract
from grader.ground import whole_file
from grader.ground.errors import NotMeasured
from grader.running import images, tables
from grader.submission import Submission

KEY = "fresh.key"


def photographs(submission: Submission, folder: Path, of_each: int) -> dict[Path, str]:
    """At most `of_each` files of each class, with their labels; `folder` holds the tables.

    Raises:
        SubmissionError: the split table cannot be read.
        NotMeasured: no such tables, no such class in them, or nothing is left or can be fetched.
    """
    drawn = _draw(submission, folder, of_each)
    found = images.by_id(submission, list(drawn))
    listed = {row.sha256 for row in contract.splits(submission)}
    fresh = {
        path: drawn[image_id]
        for image_id, path in found.items()
        if hashlib.sha256(path.read_bytes()).hexdigest() not in listed
    }
    if not fresh:
        raise NotMeasured(f"none of the {len(drawn)} unlisted photographs could be fetched")
    return fresh


def _draw(submission: Submission, folder: Path, of_each: int) -> dict[str, str]:
    """image_id -> label. Which ones is a secret of this machine, and the same for the whole class."""
    rows = contract.splits(submission)
    names = {code: name for name, code in tables.codes(submission, folder).items()}
    shown = [tables.shown(path, names) for path in tables.of(folder)]
    first = {image_id: number for number in reversed(range(len(shown))) for image_id in shown[number]}
    shares = Counter(first[row.image_id] for row in rows if row.split == "test" and row.image_id in first)
    if not shares:
        raise NotMeasured("the tables of Open Images know none of the listed test images")
    listed = {row.image_id for row in rows}
    key = _key(submission.surroundings.cache)
    lots: dict[tuple[int, str], list[str]] = {}
    for image_id, name in _merged(shown).items():
        if name and image_id not in listed and contract.IMAGE_ID.fullmatch(image_id):
            lots.setdefault((first[image_id], name), []).append(image_id)
    drawn: dict[str, str] = {}
    for (table, name), image_ids in sorted(lots.items()):
        number = round(of_each * shares[table] / shares.total())
        drawn |= dict.fromkeys(heapq.nsmallest(number, image_ids, key=partial(_lot, key)), name)
    if not drawn:
        raise NotMeasured("the tables of Open Images have no unlisted photograph of the classes")
    return drawn


def _merged(shown: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The only class of each image as all tables together say, "" where more than one."""
    found: dict[str, str] = {}
    for table in shown:
        for image_id, name in table.items():
            found[image_id] = tables.only(found.get(image_id), name)
    return found


def _lot(key: bytes, image_id: str) -> bytes:
    return hmac.digest(key, image_id.encode(), "sha256")


def _key(cache: Path) -> bytes:
    """Made once: who knew which photographs are drawn could train on those too."""
    path = cache / KEY
    if not path.is_file():
        whole_file.write(path, secrets.token_bytes(32))
    return path.read_bytes()
