"""Images of the same classes that the student never listed, and the validation images once more.

A network that has seen the test images is better on them than on fresh ones.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from grader import contract
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Unmeasured
from grader.running import answers_cache, evaluation, images, program, tables, unlisted
from grader.running.images import digits
from grader.submission import Submission

MOST = 400  # fresh images


class Tally(Struct, frozen=True, tag="tally"):
    """How many images of a kind the submitted network gets right."""

    right: int
    total: int


class Kind(NamedTuple):
    """Images with one purpose: what they are, and their labels by file, which may take a download."""

    what: tuple[object, ...]
    labels: Callable[[], dict[Path, str]]


Asked = Callable[[], Kind]  # raises SubmissionError, NotMeasured


def tallies(submission: Submission, *kinds: Asked) -> tuple[Tally | Unmeasured, ...]:
    """How the submitted network does on images of each kind. One worker sees all that are not known yet."""
    found = [_known(submission, kind) for kind in kinds]
    paths = [path for each in found if isinstance(each, Waiting) for path in each.labels]
    try:
        predicted = evaluation.predict(submission, paths) if paths else {}
    except (NotMeasured, SubmissionError) as trouble:
        unmeasured = Unmeasured(str(trouble))
        return tuple(unmeasured if isinstance(each, Waiting) else each for each in found)
    return tuple(_tally(submission, each, predicted) if isinstance(each, Waiting) else each for each in found)


def prepare(submissions: Sequence[Submission], kinds: Callable[[Submission], Sequence[Asked]]) -> None:
    """Lets one worker look at the images of all of them, and at their test images, and keeps the tallies."""
    waiting: dict[int, list[Waiting]] = {}
    for number, submission in enumerate(submissions):
        found = [_known(submission, kind) for kind in kinds(submission)]
        waiting[number] = [each for each in found if isinstance(each, Waiting)]
    paths = {number: [path for each in own for path in each.labels] for number, own in waiting.items()}
    for number, predicted in evaluation.warm(submissions, 1, paths).items():
        for each in waiting[number] if predicted else ():
            _tally(submissions[number], each, predicted)


def fresh(submission: Submission, open_images: Path | None, of_each: int) -> Kind:
    """Images that the network cannot know: those of the pool, digits, or photographs of Open Images.

    `open_images` is a folder with its tables, of which `of_each` photographs a class are fetched.

    Raises:
        SubmissionError, NotMeasured
    """
    declared = contract.read(submission)
    pool = submission.surroundings.pool
    rows = contract.splits(submission)
    if pool:
        files = sorted(str(path) for path in pool.rglob("*"))
        return Kind(("fresh", rows, files), partial(_of_pool, submission, pool))
    if declared.data.source == "digits" and set(declared.classes) == {"even", "odd"}:
        return Kind(("fresh", rows), partial(_of_digits, submission))
    if declared.data.source == "openimages" and open_images and of_each:
        drawn = partial(unlisted.photographs, submission, open_images, of_each)
        return Kind(("fresh", rows, of_each, tables.dates(open_images)), drawn)
    raise NotMeasured(
        "there are none: give a folder with one folder for each class, --pool DIR, or let the check fetch"
        " some (grader explain integrity)"
    )


def validation(submission: Submission) -> Kind:
    """The validation images. Raises SubmissionError, NotMeasured."""
    rows = [row for row in contract.splits(submission) if row.split == "val"]
    if not rows:
        raise NotMeasured("no validation image is listed")
    obtained = images.at_hand(submission, rows)
    if any(row.sha256 not in obtained.paths for row in rows):
        raise NotMeasured("not all validation images are at hand")
    labels = {obtained.paths[row.sha256]: row.label for row in rows}
    return Kind(("validation", rows), lambda: labels)


class Waiting(NamedTuple):
    """A kind of images that the network has not seen yet."""

    what: tuple[object, ...]
    labels: dict[Path, str]


def _known(submission: Submission, kind: Asked) -> Tally | Unmeasured | Waiting:
    try:
        what, labels = kind()
        return answers_cache.find(submission, what, Tally) or Waiting(what, labels())
    except (NotMeasured, SubmissionError) as trouble:
        return Unmeasured(str(trouble))


def _tally(submission: Submission, waiting: Waiting, predicted: Mapping[Path, int]) -> Tally | Unmeasured:
    classes = contract.read(submission).classes
    seen = {path: classes[predicted[path]] for path in waiting.labels if path in predicted}
    if not seen:
        return Unmeasured("none of them is a picture that opens")
    tally = Tally(sum(waiting.labels[path] == name for path, name in seen.items()), len(seen))
    answers_cache.keep(submission, waiting.what, tally)
    return tally


def _of_pool(submission: Submission, pool: Path) -> dict[Path, str]:
    """The pool's images of the declared classes that no split lists, as many of each class."""
    classes = contract.read(submission).classes
    listed = {row.sha256 for row in contract.splits(submission)}
    labels: dict[Path, str] = {}
    for label in classes:
        if label not in {path.name for path in pool.iterdir()}:
            raise NotMeasured(f"the pool has no folder for the class {label}")
        files = (path.absolute() for path in sorted((pool / label).iterdir()) if path.is_file())
        unknown = (path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() not in listed)
        labels |= dict.fromkeys(islice(unknown, MOST // len(classes)), label)
    if not labels:
        raise NotMeasured("every image of the pool is listed in a split")
    return labels


def _of_digits(submission: Submission) -> dict[Path, str]:
    listed = {digits.index_of(row.image_id) for row in contract.splits(submission)}
    others = tuple(index for index in range(digits.COUNT) if index not in listed)[:MOST]
    if not others:
        raise NotMeasured("every digit of the sample is listed in a split")
    work = program.scratch(submission)
    for index, content in digits.drawn(others).items():
        (work / f"{index}.bmp").write_bytes(content)
    labels = ("even", "odd")
    return {work / f"{index}.bmp": labels[digit % 2] for index, digit in digits.shown(others).items()}
