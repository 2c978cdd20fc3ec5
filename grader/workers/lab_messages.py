"""What the worker `examine` is asked and answers. Plain data; `messages` holds that of the other workers."""

from typing import Literal

from msgspec import Raw, Struct


class Exam(Struct, frozen=True):
    """The private parts of a lab, as the texts of their files: none of them is ever in a student's sight.

    `wrong`: known wrong solutions by name, each a TOML file of edits to the reference.
    """

    reference: str
    cases: str
    wrong: dict[str, str]


class Draw(Struct, frozen=True, tag="draw"):
    """Asks for the calls to make, with inputs of this seed."""

    exam: Exam
    seed: int


class Drawn(Struct, frozen=True, tag="lab_drawn"):
    """`calls` as JSON for the program `answering`; `asked` is the function of each."""

    calls: Raw
    asked: tuple[str, ...]


class Compare(Struct, frozen=True, tag="compare"):
    """Asks how the answers of submissions to the calls of this seed compare; each as its child wrote it."""

    exam: Exam
    seed: int
    answers: tuple[bytes, ...]


Unit = Literal["difference", "sigmas"]


class Quantity(Struct, frozen=True):
    """One thing that a function returned.

    `trouble`: why its numbers were not compared, in words. Otherwise `off` is the largest distance from what
    it should be, at `largest`; `above`: it is too large there. `first` is the first place that is off by more
    than rounding.
    """

    name: str
    shape: tuple[int, ...] = ()
    trouble: str = ""
    unit: Unit = "difference"
    off: float = 0.0
    above: bool = False
    first: tuple[int, ...] = ()
    largest: tuple[int, ...] = ()
    wrong: int = 0  # how many of its numbers are off by more than rounding
    looks: str = ""  # what the pattern of the differences usually means


class Answered(Struct, frozen=True):
    """How one call went: `raised` what the function raised, `refused` what it used and may not.

    `mistakes`: what known wrong solutions answer exactly the same, in words; their names are `known`, and
    `within` are the functions that hold these mistakes, not always the one that was called.
    """

    function: str
    label: str
    line: int = 0
    absent: bool = False
    raised: str = ""
    refused: str = ""
    quantities: tuple[Quantity, ...] = ()
    known: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class Compared(Struct, frozen=True):
    """One submission: how importing it went, and each call that it answered, in order."""

    raised: str = ""
    refused: str = ""
    line: int = 0
    calls: tuple[Answered, ...] = ()


class ComparedAll(Struct, frozen=True, tag="compared"):
    answers: tuple[Compared, ...]


class Kill(Struct, frozen=True, tag="kill"):
    """Asks which calls tell the wrong solutions from the reference, for each of these seeds."""

    exam: Exam
    seeds: tuple[int, ...]
    tolerance: float
    sigmas: float


class Killed(Struct, frozen=True, tag="killed"):
    """For each wrong solution and each kind of call (a function and its label) how many seeds told it.

    `reference`: how many seeds the reference itself did not pass; `survived`: how many seeds nobody told it;
    `first`: the quantity that its message names.
    """

    seeds: int
    calls: tuple[str, ...]
    reference: int
    table: dict[str, tuple[int, ...]]
    survived: dict[str, int]
    first: dict[str, str]


class Record(Struct, frozen=True):
    """Asks for calls and their right answers as Python, for notebooks that others test."""

    exam: Exam
    seed: int


class Recorded(Struct, frozen=True, tag="recorded"):
    """For each function the lines that test it."""

    tests: dict[str, str]
