"""data/credits.csv: who took each photograph, and under which licence it may be used.

Open Images asks for it: its photographs are other people's, most of them under CC BY 2.0, which allows nearly
everything to those who name the author.
"""

import csv
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from finetune.parts import files
from finetune.parts.problem import Problem

FILE = Path("data/credits.csv")


@dataclass(frozen=True)
class Credit:
    """What is known of one photograph; texts are empty where the source does not tell."""

    image_id: str
    author: str
    licence: str  # an address, such as https://creativecommons.org/licenses/by/2.0/
    title: str
    page: str  # where its author published it
    profile: str  # the author's own page


COLUMNS = [field.name for field in fields(Credit)]


def write(found: list[Credit]) -> None:
    """Write the file anew; without credits there is none."""
    if not found:
        FILE.unlink(missing_ok=True)
        return
    files.write_table(FILE, COLUMNS, map(astuple, found))


def read() -> list[Credit]:
    if not FILE.exists():
        return []
    with FILE.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        if table.fieldnames != COLUMNS:
            raise Problem(
                f"{FILE.as_posix()}: the columns are {table.fieldnames}; they should be {COLUMNS}; "
                "delete the file and data/images/.complete, and run `make data` again"
            )
        return [Credit(**line) for line in table]
