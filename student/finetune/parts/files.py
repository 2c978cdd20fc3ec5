"""Small things about files that every step needs."""

import ast
import contextlib
import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from finetune.parts.problem import Problem

PACKAGE = Path(__file__).parents[1]  # finetune/
IMAGES = Path("data/images")
# Tables of Open Images, two gigabytes. Deleting them costs another download, nothing else.
TABLES = Path("data/tables")
# What was computed once and may be needed again. Deleting it costs time, nothing else.
CACHE = Path("data/cache")


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write a file to, which then appears at `path` as a whole or, if anything fails, not at all.

    A program that is killed half-way thus never leaves half a file that looks like a whole one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        if beside.is_file():  # it failed, perhaps because the disk is full: half a file only takes room
            beside.unlink()


def write(path: Path, content: str | bytes) -> None:
    with whole(path) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)


def read_table(path: Path, columns: Sequence[str], hint: str) -> list[dict[str, str]]:
    """The rows of a CSV file with these columns. Blank lines, which spreadsheets leave, are no rows.

    Raises Problem, with `hint`, where the columns are others or a row has more or fewer cells.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.reader(file)
        names = next(table, [])
        if names != list(columns):
            raise Problem(
                f"{path.as_posix()}: the columns are {names}; they should be {list(columns)}; {hint}"
            )
        rows = []
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise Problem(
                    f"{path.as_posix()}, line {table.line_num}: {len(cells)} cells; there should be "
                    f"{len(names)}: {', '.join(names)}; {hint}"
                )
            rows.append(dict(zip(names, cells, strict=True)))
        return rows


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file: the same bytes on every system."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    write(path, text.getvalue())


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def programs(*names: str) -> str:
    """What these files of finetune/ hold, as one hash: once you edit one, what they made is made anew."""
    return hashlib.sha256("".join(sha256(PACKAGE / name) for name in names).encode()).hexdigest()


def imported(name: str) -> list[str]:
    """A file of finetune/ and every other one that it imports, directly or not: your own modules too."""
    found: list[str] = []
    ahead = [name]
    while ahead:
        found.append(ahead.pop())
        for module in _imports(PACKAGE / found[-1]):
            path = f"{module.replace('.', '/')}.py"
            if path not in [*found, *ahead] and (PACKAGE / path).is_file():
                ahead.append(path)
    return sorted(found)


def _imports(path: Path) -> Iterator[str]:
    """Of `from finetune.x import y` both x and x.y, as either may be a file."""
    for step in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(step, ast.ImportFrom) and step.module and step.module.split(".")[0] == PACKAGE.name:
            inside = step.module.partition(".")[2]
            yield inside
            yield from (f"{inside}.{each.name}".lstrip(".") for each in step.names)
        elif isinstance(step, ast.Import):
            yield from (each.name.removeprefix(f"{PACKAGE.name}.") for each in step.names)


def images(folder: Path = IMAGES) -> dict[str, Path]:
    """image_id -> file, for every image in a folder. The id is the file's name without its ending."""
    if not folder.is_dir():
        return {}
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.suffix != ".part"
    }
