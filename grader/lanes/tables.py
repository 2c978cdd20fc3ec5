"""The split table beside Open Images' own tables, which say what is on each image.

The tables are those that Open Images publishes: `class-descriptions-boxable.csv` and any number of further
ones with the columns ImageID and LabelName, such as `train-annotations-bbox.csv` or those of image-level
labels, where a Confidence of 0 says that somebody looked and the label is wrong.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from grader import contract
from grader.errors import NotMeasured
from grader.lanes import kept
from grader.submission import Submission

DESCRIPTIONS = "class-descriptions-boxable.csv"
SHOWN = 3


class Listed(Struct, frozen=True, kw_only=True):
    """How many of `total` images the tables know by this label alone among the classes, and by no other.

    `absent` are in no table, `mislabelled` have other labels there: `examples` of these. `ambiguous` show
    another of the classes too. `unread`: why nobody looked, "" also where nobody was asked to.
    """

    total: int = 0
    right: int = 0
    absent: int = 0
    mislabelled: int = 0
    ambiguous: int = 0
    examples: tuple[str, ...] = ()
    unread: str = ""


def look_up(submission: Submission, folder: Path) -> Listed:
    """Raises SubmissionError, and NotMeasured where there are no such tables."""
    tables = sorted(path for path in folder.glob("*.csv") if path.name != DESCRIPTIONS)
    if not tables or not (folder / DESCRIPTIONS).is_file():
        raise NotMeasured(f"{folder} does not hold {DESCRIPTIONS} and tables of Open Images")
    dates = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in tables]
    rows = contract.splits(submission)
    return kept.recall(
        submission, ("tables", rows, dates), Listed, lambda: _look_up(submission, folder, tables)
    )


def _look_up(submission: Submission, folder: Path, tables: list[Path]) -> Listed:
    classes = contract.read(submission).classes
    codes = _codes(folder / DESCRIPTIONS)
    unknown = [name for name in classes if name not in codes]
    if unknown:
        raise NotMeasured(f"Open Images has no class {unknown[0]!r} with boxes")
    rows = contract.splits(submission)
    labels: dict[bytes, set[str]] = {row.image_id.encode(): set() for row in rows}
    for table in tables:
        for image_id, code in _labels(table, labels):
            labels[image_id].add(code)
    own = {codes[name] for name in classes}
    by_kind: dict[str, list[str]] = {"right": [], "absent": [], "mislabelled": [], "ambiguous": []}
    for row in rows:
        kind = _kind(codes.get(row.label), labels[row.image_id.encode()], own)
        by_kind[kind].append(f"{row.image_id} ({row.label})")
    return Listed(
        total=len(rows),
        right=len(by_kind["right"]),
        absent=len(by_kind["absent"]),
        mislabelled=len(by_kind["mislabelled"]),
        ambiguous=len(by_kind["ambiguous"]),
        examples=(*by_kind["absent"][:SHOWN], *by_kind["mislabelled"][:SHOWN]),
    )


def _kind(code: str | None, found: Collection[str], own: Collection[str]) -> str:
    if not found:
        return "absent"
    if code not in found:
        return "mislabelled"
    return "ambiguous" if len(set(found) & set(own)) > 1 else "right"


def _codes(path: Path) -> dict[str, str]:
    """Display name -> code, such as Dog -> /m/0bt9lr."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row[1]: row[0] for row in csv.reader(file) if len(row) == 2}


def _labels(table: Path, wanted: Mapping[bytes, object]) -> Iterator[tuple[bytes, str]]:
    """(ImageID, LabelName) of the wanted images that a table confirms. It may have millions of rows."""
    with table.open("rb") as file:
        header = file.readline().decode().strip().split(",")
        if header[:1] != ["ImageID"] or "LabelName" not in header:
            return
        label = header.index("LabelName")
        confidence = header.index("Confidence") if "Confidence" in header else None
        for line in file:
            image_id = line[: line.find(b",")]
            if image_id in wanted:
                cells = line.decode().strip().split(",")
                if confidence is None or float(cells[confidence] or 1) > 0:
                    yield image_id, cells[label]
