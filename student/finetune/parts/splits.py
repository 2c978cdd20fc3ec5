"""data/splits.csv: which image belongs to which class and to which split."""

from dataclasses import astuple, dataclass, fields
from pathlib import Path

from finetune.parts import files
from finetune.parts.problem import Problem


@dataclass(frozen=True)
class Row:
    """One image. `sha256` is that of the file's bytes; `split` is train, val or test."""

    image_id: str
    label: str
    split: str
    sha256: str


COLUMNS = [field.name for field in fields(Row)]


def write(path: Path, rows: list[Row]) -> None:
    files.write_table(path, COLUMNS, map(astuple, rows))


def read(path: Path) -> list[Row]:
    if not path.exists():
        raise Problem(f"{path} is not here; run `make data` first")
    return [Row(**row) for row in files.read_table(path, COLUMNS, "run `make data` again")]
