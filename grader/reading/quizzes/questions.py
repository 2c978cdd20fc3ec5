"""The kinds of questions, as they stand in quiz.toml.

What is a question's key is never in a file that students get: the fields of `KEY`.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

# What tells an answer, or would let one guess it. A release is the same whatever stands here.
KEY = frozenset({"correct", "value", "tolerance", "accepted", "guidance", "explanation", "source", "partial"})

# Several choices count `all` or nothing, or a `share`: right ones less wrong ones, of all right ones.
Partial = Literal["all", "share"]


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every question has. `id` is also the name of its variable in the notebook, with `_` for `-`."""

    id: str
    text: str  # Markdown; formulas between $
    plain: str = ""  # the same without formulas and code, for Kahoot and for print; "" where `text` is plain
    code: str = ""  # a program to look at, shown under the text
    picture: str = ""  # a file beside quiz.toml
    picture_alt: str = ""  # what it shows, for those who cannot see it
    points: float = 1
    time: int = 0  # seconds in Kahoot; 0: the quiz's
    kahoot: bool = True  # whether it goes into Kahoot's sheet, if its kind can
    explanation: str = ""  # why, for after the deadline
    source: str = ""  # where it can be read

    @property
    def variable(self) -> str:
        return self.id.replace("-", "_")

    @property
    def spoken(self) -> str:
        """The question as plain text."""
        return self.plain or self.text


class Choosing(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices by their ids, which are what a student writes."""

    choices: dict[str, str]
    plain_choices: dict[str, str] = {}  # those that have formulas, without them
    ordered: bool = False  # keep the order that is written, such as that of numbers

    def spoken_choice(self, choice: str) -> str:
        return self.plain_choices.get(choice) or self.choices[choice]


class Single(Choosing, frozen=True, kw_only=True, tag="single"):
    """One of the choices is right."""

    correct: str


class Multiple(Choosing, frozen=True, kw_only=True, tag="multiple"):
    """Several choices may be right."""

    correct: tuple[str, ...]
    partial: Partial = "share"


class Number(Asked, frozen=True, kw_only=True, tag="number"):
    """A number of `unit`, right within `tolerance` of `value`."""

    value: float
    tolerance: float
    unit: str


class Short(Asked, frozen=True, kw_only=True, tag="short"):
    """A word or two; case, blanks and hyphens do not matter."""

    accepted: tuple[str, ...]


class Free(Asked, frozen=True, kw_only=True, tag="free"):
    """A few sentences, read by a person, who finds in `guidance` what they have to tell."""

    guidance: str


Question = Single | Multiple | Number | Short | Free

KINDS: Mapping[str, type[Single | Multiple | Number | Short | Free]] = {
    "single": Single,
    "multiple": Multiple,
    "number": Number,
    "short": Short,
    "free": Free,
}
