"""Obtains a submission's test images from their data source, by id, and keeps those whose sha256 fits.

Image ids become parts of addresses here: `contract` lets plain names through and nothing else.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from grader import contract
from grader.contract import SplitRow
from grader.ground import whole_file
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running.images import digits
from grader.running.images.cache import BYTES, OWN, Known, Store
from grader.submission import Submission

OPEN_IMAGES = "https://open-images-dataset.s3.amazonaws.com"
SECTIONS = ("train", "validation", "test")  # an id stands in one of them, the first has most
NOT_THERE = (403, 404)  # the bucket answers 403 for what it does not have
CONNECTIONS = 8
ATTEMPTS = 4
PAUSE = 0.2  # seconds; doubled with each attempt
FOLDER = "data/images/"  # where the starter keeps its images; with a source of one's own it commits them

SHA256 = re.compile(r"[0-9a-f]{64}")

Found = tuple[SplitRow, bytes | None]  # an image and its bytes, None where the source does not have it


class Obtained(Struct, frozen=True):
    """`paths` by sha256. `missing` has the source not; what it gave for `different` has another sha256."""

    folder: Path
    paths: Mapping[str, Path]
    missing: tuple[SplitRow, ...]
    different: tuple[SplitRow, ...]


def obtain(submission: Submission, rows: Sequence[SplitRow]) -> Obtained:
    """The images of these rows, from the cache, the folder that the instructor gave, or the data source.

    Raises:
        SubmissionError: the source is not known, or a row has no sha256.
        NotMeasured: the source cannot be reached, or it has none of these images.
    """
    _require_hashes(submission, rows)
    store = Store(submission.surroundings.cache / "images")
    known = Known(submission.surroundings.cache / "sources", _source(submission))
    waiting = [row for row in rows if not (known.has(row) and store.has(row.sha256))]
    if waiting and submission.surroundings.images:
        given = store.add_folder(submission.surroundings.images, {row.sha256 for row in waiting})
        known.add(row for row in waiting if row.sha256 in given)
        waiting = [row for row in waiting if row.sha256 not in given]
    missing, different = [], []
    for done, (row, content) in enumerate(_fetch(submission, waiting), start=1):
        if content is None:
            missing.append(row)
        elif store.add(row.sha256, content):
            known.add([row])
        else:
            different.append(row)
        submission.surroundings.progress("fetching images", f"{done} of {len(waiting)}")
    if rows and len(missing) == len(rows):
        raise NotMeasured(
            f"none of these {len(rows)} images can be had from the data source",
            "give a folder with the images with --images",
        )
    paths = {
        row.sha256: store.folder / row.sha256 for row in rows if known.has(row) and store.has(row.sha256)
    }
    return Obtained(store.folder, paths, tuple(missing), tuple(different))


def at_hand(submission: Submission, rows: Sequence[SplitRow]) -> Obtained:
    """Those of these images that need no download: fetched before, given by the instructor, made or
    committed.

    Raises:
        SubmissionError: the source is not known, or a row has no sha256.
        NotMeasured: none of them is here.
    """
    if contract.read(submission).data.source != "openimages":
        return obtain(submission, rows)
    _require_hashes(submission, rows)
    store = Store(submission.surroundings.cache / "images")
    if submission.surroundings.images:
        missing = {row.sha256 for row in rows if not store.has(row.sha256)}
        store.add_folder(submission.surroundings.images, missing)
    known = {row.sha256: store.folder / row.sha256 for row in rows if store.has(row.sha256)}
    if not known:
        raise NotMeasured("none of these images is at hand")
    return Obtained(store.folder, known, tuple(row for row in rows if row.sha256 not in known), ())


def _require_hashes(submission: Submission, rows: Sequence[SplitRow]) -> None:
    path = contract.read(submission).data.splits
    for row in rows:
        if not SHA256.fullmatch(row.sha256):
            raise SubmissionError(
                f"{path}:{row.line}: sha256 is {row.sha256[:70]!r}, expected 64 hexadecimal digits",
                f"{path}:{row.line}",
                "make data writes them",
            )


def _fetch(submission: Submission, rows: Sequence[SplitRow]) -> Iterator[Found]:
    if not rows:
        return iter(())
    match _source(submission):
        case "openimages":
            found = _from_open_images(submission.surroundings.mirror, [row.image_id for row in rows])
            return ((row, content) for row, (_, content) in zip(rows, found, strict=True))
        case "digits":
            return _from_digits(rows)
    return _from_submission(submission, rows)


def _source(submission: Submission) -> str:
    """Raises SubmissionError: it is not known."""
    source = contract.read(submission).data.source
    if source not in ("openimages", "digits", OWN):
        raise SubmissionError(
            f"{contract.NAME}: data.source is {source!r}, expected openimages, digits or folder",
            contract.NAME,
        )
    return source


def by_id(submission: Submission, image_ids: Sequence[str]) -> dict[str, Path]:
    """Those of these photographs that Open Images has, fetched once into a folder of their own.

    Raises:
        NotMeasured: it cannot be reached.
    """
    folder = submission.surroundings.cache / "open-images"
    folder.mkdir(parents=True, exist_ok=True)
    paths = {image_id: folder / image_id for image_id in image_ids}
    waiting = [image_id for image_id, path in paths.items() if not path.is_file()]
    found = _from_open_images(submission.surroundings.mirror, waiting)
    for done, (image_id, content) in enumerate(found, start=1):
        submission.surroundings.progress("fetching fresh images", f"{done} of {len(waiting)}")
        if content is not None:
            whole_file.write(paths[image_id], content)
    return {image_id: path for image_id, path in paths.items() if path.is_file()}


def _from_open_images(mirror: str, image_ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    # Costs 40 ms to import, which a check without downloads should not pay.
    from concurrent.futures import ThreadPoolExecutor

    base = f"{mirror.rstrip('/')}/images" if mirror else OPEN_IMAGES

    def find(image_id: str) -> tuple[str, bytes | None]:
        addresses = (f"{base}/{section}/{image_id}.jpg" for section in SECTIONS)
        found = (content for each in addresses if (content := _download(each)) is not None)
        return image_id, next(found, None)

    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        yield from pool.map(find, image_ids)
    finally:
        pool.shutdown(cancel_futures=True)


def _download(address: str) -> bytes | None:
    """The content, None where the server says that it has none. Raises NotMeasured after several attempts."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    trouble: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2**attempt)
        try:
            with urlopen(address, timeout=30) as response:
                content: bytes = response.read(BYTES)
                return content
        except HTTPError as error:
            if error.code in NOT_THERE:
                return None
            trouble = error
        except (OSError, HTTPException) as error:
            trouble = error
    raise NotMeasured(
        f"{address} cannot be reached: {trouble}",
        "check the network, or give a folder with the images: --images",
    )


def _from_digits(rows: Sequence[SplitRow]) -> Iterator[Found]:
    indices = {row.image_id: index for row in rows if (index := digits.index_of(row.image_id)) is not None}
    drawn = digits.drawn(indices.values())
    return ((row, drawn.get(indices.get(row.image_id, -1))) for row in rows)


def _from_submission(submission: Submission, rows: Sequence[SplitRow]) -> Iterator[Found]:
    own = (PurePosixPath(path) for path in submission.sizes if path.startswith(FOLDER))
    paths = {path.stem: str(path) for path in own}
    for row in rows:
        path = paths.get(row.image_id)
        yield row, submission.read(path, BYTES) if path else None
