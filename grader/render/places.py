"""Where a finding points to, for formats that want a file and a line."""

import re

from msgspec import Struct

_LINE = re.compile(r"(?P<path>.+?):(?P<line>[1-9]\d{0,6})")
_PAGE_OR_CELL = re.compile(r"(?P<path>.+?)(?::p\d+|#c\d+)(?:\.out)?(?::\d+)?")


class Place(Struct, frozen=True):
    """A file of the submission and a line of it, 0 where none is meant."""

    path: str
    line: int = 0


def of(where: str) -> Place | None:
    """`data/splits.csv:7` and its kin; None for a commit, or for nothing."""
    if not where or where.startswith("commit "):
        return None
    if match := _LINE.fullmatch(where):
        return Place(match["path"], int(match["line"]))
    if match := _PAGE_OR_CELL.fullmatch(where):
        return Place(match["path"])
    return Place(where)
