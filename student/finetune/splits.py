"""data/splits.csv: which image belongs to which class and to which split."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from finetune import files
from finetune.problem import Problem

COLUMNS = ["image_id", "label", "split", "sha256"]


@dataclass(frozen=True)
class Row:
    """One image. `sha256` is that of the file's bytes; `split` is train, val or test."""

    image_id: str
    label: str
    split: str
    sha256: str


def write(path: Path, rows: list[Row]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([row.image_id, row.label, row.split, row.sha256] for row in rows)
    files.write(path, text.getvalue())


def read(path: Path) -> list[Row]:
    if not path.exists():
        raise Problem(f"{path} is not here; run `make data` first")
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        if table.fieldnames != COLUMNS:
            raise Problem(
                f"{path}: the columns are {table.fieldnames}; they should be {COLUMNS}; run `make data` again"
            )
        return [Row(**line) for line in table]
