"""What was found in a submission: plain data, from which `judging` decides without the files."""

from msgspec import Struct

from grader.reading.english.settings import Allow
from grader.reading.english.unit import Kind


class Hit(Struct, frozen=True):
    """A line that is not English. `repeats` further places hold the same text.

    `known` of its foreign `words` are words of `language`, the likeliest of those that the lexicon has.

    `excused` says why the submission's own list, or a marker in the line, asks to let it stand.
    """

    where: str
    kind: Kind
    text: str
    words: tuple[str, ...]
    language: str
    score: float
    strong: bool
    known: int = 0
    repeats: int = 0
    excused: str = ""

    @property
    def path(self) -> str:
        return path_of(self.where)


class Inspection(Struct, frozen=True, kw_only=True):
    """The evidence. `units` counts different texts by kind, `documents` the lines of each document."""

    units: dict[str, int]
    hits: tuple[Hit, ...]
    documents: dict[str, int]
    exempt: dict[str, int]  # reason -> foreign lines in files that the assignment exempts
    left_out: dict[str, str]  # path -> reason
    encodings: dict[str, str]  # path -> encoding, where it is not UTF-8
    requested: Allow | None = None  # the submission's own list
    request_trouble: str = ""  # why its list could not be read
    more_hits: int = 0


def path_of(where: str) -> str:
    """The file of a place: `a/b.py` of `a/b.py:12`, `n.ipynb#c3` and `r.pdf:p2`."""
    if where.startswith("commit "):
        return ""
    head, _, tail = where.rpartition("#c")
    if head and tail.isdigit():
        return head
    head, _, tail = where.rpartition(":")
    return head if head and tail.lstrip("p").isdigit() else where
