"""quiz.toml as it is written: its tables, and on which line each key stands."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from grader.ground import toml

HEADER = re.compile(r"^\s*\[\[\s*questions\s*\]\]")
SUBTABLE = re.compile(r"^\s*\[\s*questions\s*\.\s*([\w.-]+)\s*\]")
KEY = re.compile(r"^\s*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))\s*(?:=|\.)")
QUOTES = re.compile(r'"""|\'\'\'')
NOWHERE = 0  # of keys that stand in no question


class Written(Struct, frozen=True):
    """`lines` are by question, counted from 1, and key: `(3, "correct")`; a question itself is `(3, "")`."""

    name: str
    table: dict[str, Any]
    lines: Mapping[tuple[int, str], int]

    @classmethod
    def of(cls, content: bytes, name: str) -> "Written":
        """Raises toml.Misfit: not UTF-8, not TOML."""
        table = toml.parse(content, name)
        return cls(name, table, _lines(content.decode("utf-8-sig")))

    @property
    def questions(self) -> list[Any]:
        found = self.table.get("questions", [])
        return found if isinstance(found, list) else []

    def line(self, question: int, key: str = "") -> int:
        """Where a key stands; where it does not, its question; else the first line."""
        return self.lines.get((question, key)) or self.lines.get((question, "")) or 1


def _lines(text: str) -> dict[tuple[int, str], int]:
    """A line reader is enough: what tomllib accepted has its keys at the beginnings of lines."""
    found: dict[tuple[int, str], int] = {}
    question, prefix, quote = NOWHERE, "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if HEADER.match(line):
            question, prefix = question + 1, ""
            found[question, ""] = number
        elif subtable := SUBTABLE.match(line):
            prefix = f"{subtable[1]}."
            found.setdefault((question, subtable[1]), number)
        elif key := KEY.match(line):
            found.setdefault((question, prefix + (key[1] or key[2] or key[3])), number)
        quote = _opened(line)
    return found


def _opened(line: str) -> str:
    """The quotes of a string that goes on on the next line, else ""."""
    opened = ""
    for match in QUOTES.finditer(line):
        opened = "" if opened == match[0] else opened or match[0]
    return opened
