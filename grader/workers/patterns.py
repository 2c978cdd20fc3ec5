"""What the differences between two arrays usually mean, in words that do not tell the expected numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy

CLOSE = 1e-9
SINGLE = 1e-4  # what float32 leaves after some steps


def of_numbers(wanted: Any, given: Any, dtype: str) -> str:
    """The first pattern that fits, or "". Both float64 and of one shape."""
    for pattern in _patterns():
        if said := pattern(wanted, given):
            return said
    if numpy.abs(given - wanted).max() > SINGLE * max(1.0, numpy.abs(wanted).max()):
        return ""
    single = dtype in ("float32", "float16")
    where = f"and are {dtype}" if single else "which is float32 somewhere on the way"
    return f"the numbers are right but for rounding, {where}: keep the float64 of the arguments"


def of_shapes(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if sorted(given) == sorted(wanted):
        return "the axes are in another order"
    if [side for side in given if side != 1] == [side for side in wanted if side != 1]:
        return "an axis of length 1 is too many or missing"
    if (
        len(given) == len(wanted)
        and [a - b for a, b in zip(given, wanted, strict=True)].count(0) == len(given) - 1
    ):
        axis = next(number for number, (a, b) in enumerate(zip(given, wanted, strict=True)) if a != b)
        more = given[axis] - wanted[axis]
        return f"axis {axis} is {abs(more)} too {'long' if more > 0 else 'short'}"
    return ""


def _patterns() -> Iterator[Callable[[Any, Any], str]]:
    yield from (_constant, _factor, _transposed, _reversed, _offset, _shifted, _same_at_each_step)


def _equal(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape and one.size and numpy.abs(one - other).max() <= CLOSE)


def _constant(_wanted: Any, given: Any) -> str:
    if given.size > 1 and not given.any():
        return "all of it is zero"
    return ""


def _factor(wanted: Any, given: Any) -> str:
    square = float((wanted * wanted).sum())
    if wanted.size < 3 or square == 0:
        return ""
    factor = float((wanted * given).sum()) / square
    if abs(factor) < CLOSE or not _equal(factor * wanted, given):
        return ""
    if abs(factor + 1) < CLOSE:
        return "all signs are the opposite ones"
    for number, said in (
        (factor, "a sum where a mean is asked for, or something counted several times?"),
        (1 / factor, "a mean where a sum is asked for?"),
    ):
        if number > 1.5 and abs(number - round(number)) < 1e-6:
            times = f"{round(number)} times" if number is factor else f"1/{round(number)} of"
            return f"all of it is {times} what it should be: {said}"
    return "one common factor is wrong: what scales all of it?"


def _transposed(wanted: Any, given: Any) -> str:
    if wanted.ndim == 2 and wanted.shape[0] == wanted.shape[1] > 1 and _equal(wanted.T, given):
        return "it is the transpose of what it should be"
    return ""


def _reversed(wanted: Any, given: Any) -> str:
    if wanted.ndim and len(wanted) > 1 and _equal(wanted[::-1], given):
        return "it is in the opposite order along axis 0"
    return ""


def _shifted(wanted: Any, given: Any) -> str:
    if wanted.ndim < 1 or len(wanted) < 3:
        return ""
    if _equal(wanted[:-1], given[1:]):
        return "everything stands one place too late along axis 0"
    if _equal(wanted[1:], given[:-1]):
        return "everything stands one place too early along axis 0"
    return ""


def _same_at_each_step(wanted: Any, given: Any) -> str:
    if wanted.ndim > 1 and len(wanted) > 1 and not _equal(wanted, given):
        if numpy.abs(given - given[-1]).max() == 0 and numpy.abs(wanted - wanted[-1]).max() > CLOSE:
            return "all steps are the same: is one array, changed in place, collected again and again?"
    return ""


def _offset(wanted: Any, given: Any) -> str:
    apart = given - wanted
    if wanted.size > 2 and numpy.abs(apart - apart.flat[0]).max() <= CLOSE:
        return f"all of it is too {'large' if apart.flat[0] > 0 else 'small'} by the same number"
    return ""
