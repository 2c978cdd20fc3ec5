"""The unit of judgement: one line of text, or one name that the student defined, and where it stands."""

from typing import Literal

from msgspec import Struct

Kind = Literal["comment", "docstring", "string", "markdown", "pdf", "commit", "identifier", "path"]


class Unit(Struct, frozen=True):
    """`where` is `path:line`, `path#c7`, `path.pdf:p3`, `commit 1a2b3c4` or `path`."""

    text: str
    kind: Kind
    where: str
