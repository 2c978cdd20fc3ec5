"""data/credits.csv: who took each photograph, and under which licence it may be used.

Open Images asks for it: its photographs are other people's, most of them under CC BY 2.0, which allows nearly
everything to those who name the author.
"""

from dataclasses import astuple, dataclass, fields
from pathlib import Path

from finetune.parts import files

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
    hint = "delete the file and data/images/.complete, and run `make data` again"
    return [Credit(**row) for row in files.read_table(FILE, COLUMNS, hint)]
