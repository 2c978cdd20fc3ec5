"""What a lab's cases.py is written with: `from grader.workers.examining import Case, Off`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from grader.workers.lab_messages import Unit


class Off(Struct, frozen=True):
    """How far one quantity of a random answer is from what it should be.

    In "sigmas" of what chance allows, or as a "difference" of numbers that leave nothing to chance.
    """

    name: str
    far: float
    unit: Unit = "difference"
    looks: str = ""  # what it usually means


class Case(Struct, frozen=True, kw_only=True):
    """One call of a student's function.

    `results`: the name of what it returns, or the names where it returns several. What is returned has to
    equal what the reference returns, or, where chance is in it, `judged` tells how far off it is: it gets
    what `times` calls returned, along a first axis.
    """

    function: str
    label: str
    arguments: Mapping[str, Any]
    results: Sequence[str]
    judged: Callable[[Mapping[str, Any], Any], Iterable[Off]] | None = None
    times: int = 1
