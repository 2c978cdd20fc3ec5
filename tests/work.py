"""What a function has done, as a number that is the same on every machine, however busy it is."""

import sys
from collections.abc import Callable


def calls(function: Callable[[], object]) -> int:
    """How many functions of Python and of C it calls."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def growth(function: Callable[[int], object], size: int) -> float:
    """How many times the work of `size` it takes for twice as much: 2 where it is linear, 4 in the square."""
    return calls(lambda: function(2 * size)) / calls(lambda: function(size))
