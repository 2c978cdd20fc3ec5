"""Lists of images: a table with a column that names the split, or one list for each split."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.splits.size import Size, split_of
from grader.submission import Submission

BYTES = 20_000_000
FILES = 50
FEWEST = 20  # lines of a list that names no split
COLUMNS = ("split", "subset", "set", "partition", "phase", "fold", "data set", "dataset")
NAMED = ("filename", "file", "image", "image_id", "img", "path", "image_path", "filepath")
RESULTS = re.compile(r"pred|submi|result|output|infer", re.IGNORECASE)  # what a network answered
IMAGE = re.compile(r"\.(?:jpe?g|png|bmp|webp|gif)\b", re.IGNORECASE)


def manifests(submission: Submission) -> tuple[Size, ...]:
    paths = [
        path
        for path in sorted(submission.sizes)
        if PurePosixPath(path).suffix.lower() in (".csv", ".tsv", ".txt")
    ]
    found = [size for path in paths[:FILES] for size in _read(submission, path)]
    by_name = [size for size in found if size.source == "table"]
    kept = len({size.split for size in by_name}) > 1  # one file called train.csv may be anything
    return tuple(size for size in found if kept or size.source != "table")


def _read(submission: Submission, path: str) -> Iterator[Size]:
    try:
        text = texts.decode(submission.read(path, BYTES))
    except (SubmissionError, NotMeasured):
        return
    lines = text.content.splitlines() if text else []
    if not lines:
        return
    delimiter = max(",;\t", key=lines[0].count)
    header = [cell.strip().lower() for cell in lines[0].split(delimiter)]
    column = next((header.index(name) for name in COLUMNS if name in header), -1)
    if column >= 0 and len(header) > 1:
        yield from _table(lines, delimiter, column, path)
    elif len(header) > 1 and split_of(PurePosixPath(path).stem):
        yield Size(split_of(PurePosixPath(path).stem), _rows(lines, delimiter, header), path, "table")
    elif RESULTS.search(path):
        return
    elif named := sum(bool(IMAGE.search(line)) for line in lines):
        split = split_of(PurePosixPath(path).stem)
        if named >= max(2 if split else FEWEST, len(lines) // 2):
            yield Size(split, named, path, "manifest")


def _rows(lines: list[str], delimiter: str, header: list[str]) -> int:
    """Of a table that names files, each once: an image has a row for each of its boxes."""
    column = next((header.index(name) for name in NAMED if name in header), -1)
    if column < 0:
        return len(lines) - 1
    cells = (line.split(delimiter) for line in lines[1:])
    return len({row[column] for row in cells if len(row) > column})


def _table(lines: list[str], delimiter: str, column: int, path: str) -> Iterator[Size]:
    rows = csv.reader(io.StringIO("\n".join(lines[1:])), delimiter=delimiter)
    try:
        counts = Counter(split_of(row[column]) for row in rows if len(row) > column)
    except csv.Error:
        return
    yield from (Size(split, images, f"{path}:1", "manifest") for split, images in counts.items() if split)
