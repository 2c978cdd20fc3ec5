"""The split table beside Open Images' own tables, which say what is on each image.

The tables are those that Open Images publishes: `class-descriptions-boxable.csv` and any number of further
ones with the columns ImageID and LabelName, such as `train-annotations-bbox.csv` or those of image-level
labels, where a Confidence of 0 says that somebody looked and the label is wrong.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from grader import contract
from grader.contract import SplitRow
from grader.ground.errors import NotMeasured
from grader.running import answers_cache
from grader.submission import Submission

DESCRIPTIONS = "class-descriptions-boxable.csv"
SHOWN = 3


class Listed(Struct, frozen=True, kw_only=True, tag="listed"):
    """How many of `total` images the tables know by this label alone among the classes, and by no other.

    `absent` are in no table (`absent_ids`: which), `mislabelled` have other labels there: `examples` of
    these. `ambiguous` show another of the classes too.
    """

    total: int = 0
    right: int = 0
    absent: int = 0
    absent_ids: tuple[str, ...] = ()
    mislabelled: int = 0
    ambiguous: int = 0
    examples: tuple[str, ...] = ()


def look_up(submission: Submission, folder: Path) -> Listed:
    """Raises SubmissionError, and NotMeasured where there are no such tables."""
    rows = contract.splits(submission)
    return answers_cache.recall(
        submission, ("tables", rows, dates(folder)), Listed, lambda: _look_up(submission, folder)
    )


def of(folder: Path) -> list[Path]:
    """The tables of labels. Raises NotMeasured."""
    found = sorted(path for path in folder.glob("*.csv") if path.name != DESCRIPTIONS)
    if not found or not (folder / DESCRIPTIONS).is_file():
        raise NotMeasured(f"{folder} does not hold {DESCRIPTIONS} and tables of Open Images")
    return found


def dates(folder: Path) -> list[tuple[str, int, int]]:
    """By which one sees that the tables were not changed. Raises NotMeasured."""
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in of(folder)]


def codes(submission: Submission, folder: Path) -> dict[str, str]:
    """Declared class -> its code, such as Dog -> /m/0bt9lr. Raises NotMeasured."""
    with (folder / DESCRIPTIONS).open(newline="", encoding="utf-8") as file:
        known = {row[1]: row[0] for row in csv.reader(file) if len(row) == 2}
    classes = contract.read(submission).classes
    unknown = [name for name in classes if name not in known]
    if unknown:
        raise NotMeasured(f"Open Images has no class {unknown[0]!r} with boxes")
    return {name: known[name] for name in classes}


def shown(table: Path, names: Mapping[str, str]) -> dict[str, str]:
    """image_id -> the class that a table confirms for it, "" where more than one; `names` are by code.

    May have a million entries.
    """
    cells = [f",{code},".encode() for code in names]
    found: dict[str, str] = {}
    for image_id, code in _confirmed(table, lambda line: any(cell in line for cell in cells)):
        if code in names:
            found[image_id] = only(found.get(image_id), names[code])
    return found


def only(before: str | None, name: str) -> str:
    """The only class of an image so far, when it also shows `name`."""
    return name if before in (None, name) else ""


def _look_up(submission: Submission, folder: Path) -> Listed:
    own = codes(submission, folder)
    rows = contract.splits(submission)
    wanted = {row.image_id.encode() for row in rows}
    labels: dict[str, set[str]] = {row.image_id: set() for row in rows}
    for table in of(folder):
        for image_id, code in _confirmed(table, lambda line: line[: line.find(b",")] in wanted):
            labels[image_id].add(code)
    by_kind: dict[str, list[SplitRow]] = {"right": [], "absent": [], "mislabelled": [], "ambiguous": []}
    for row in rows:
        by_kind[_kind(own.get(row.label), labels[row.image_id], own.values())].append(row)
    return Listed(
        total=len(rows),
        right=len(by_kind["right"]),
        absent=len(by_kind["absent"]),
        absent_ids=tuple(row.image_id for row in by_kind["absent"]),
        mislabelled=len(by_kind["mislabelled"]),
        ambiguous=len(by_kind["ambiguous"]),
        examples=tuple(
            f"{row.image_id} ({row.label})"
            for row in (*by_kind["absent"][:SHOWN], *by_kind["mislabelled"][:SHOWN])
        ),
    )


def _kind(code: str | None, found: Collection[str], own: Collection[str]) -> str:
    if not found:
        return "absent"
    if code not in found:
        return "mislabelled"
    return "ambiguous" if len(set(found) & set(own)) > 1 else "right"


def _confirmed(table: Path, wanted: Callable[[bytes], bool]) -> Iterator[tuple[str, str]]:
    """(ImageID, LabelName) of the wanted lines that a table confirms. It may have millions of them."""
    with table.open("rb") as file:
        header = file.readline().decode().strip().split(",")
        if header[:1] != ["ImageID"] or "LabelName" not in header:
            return
        label = header.index("LabelName")
        confidence = header.index("Confidence") if "Confidence" in header else None
        for line in file:
            if wanted(line):
                cells = line.decode().strip().split(",")
                if confidence is None or float(cells[confidence] or 1) > 0:
                    yield cells[0], cells[label]
