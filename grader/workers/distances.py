"""How far an answer is from what it should be, quantity by quantity. What should be is never told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy

from grader.workers import patterns
from grader.workers.answering.values import Large, Odd
from grader.workers.examining import Case
from grader.workers.lab_messages import Quantity

ROUNDING = 1e-9  # below it two ways to compute the same in float64 may differ
PARTS_SHOWN = 40  # of a list


def quantities(case: Case, expected: Any, answer: Any) -> tuple[Quantity, ...]:
    """`answer` as `values.read` gives it; `expected` as the reference returns it."""
    if case.judged is not None:
        return tuple(_judged(case, answer))
    if len(case.results) == 1:
        return tuple(_compared(case.results[0], expected, answer))
    parts = _parts(answer, case.results)
    if parts is None:
        wanted = f"{len(case.results)} values: {', '.join(case.results)}"
        return (
            Quantity(case.results[0], trouble=f"is missing: {_what(answer)} came back, expected {wanted}"),
        )
    return tuple(
        each
        for name, wants, gives in zip(case.results, expected, parts, strict=True)
        for each in _compared(name, wants, gives)
    )


def _parts(answer: Any, names: Sequence[str]) -> Sequence[Any] | None:
    if isinstance(answer, Mapping):
        return [answer[name] for name in names] if set(names) <= answer.keys() else None
    found = _listed(answer)
    return found if isinstance(found, list) and len(found) == len(names) else None


def _listed(answer: Any) -> Any:
    """Lists of numbers that are all of one length come as one array: its parts."""
    is_array = isinstance(answer, numpy.ndarray) and answer.ndim
    return [numpy.asarray(each) for each in answer] if is_array else answer


def _judged(case: Case, answer: Any) -> Iterator[Quantity]:
    """Random answers have to have the right form before anything can be counted in them."""
    assert case.judged
    name, calls = case.results[0], [*map(_stacked, answer)] if isinstance(answer, list) else [answer]
    odd = next((each for each in calls if not isinstance(each, numpy.ndarray)), None)
    if odd is not None or not calls:
        yield Quantity(name, trouble=f"is {_what(odd)}, expected one array")
        return
    shapes = sorted({each.shape for each in calls})
    if len(shapes) > 1:
        yield Quantity(name, trouble=f"has one time the shape {shapes[0]}, another time {shapes[1]}")
        return
    shaped = numpy.stack(calls)
    infinite = next((each for each in calls if not numpy.isfinite(each).all()), None)
    if infinite is not None:
        yield Quantity(name, shape=shapes[0], trouble=_not_finite(infinite))
        return
    try:
        found = tuple(case.judged(case.arguments, shaped.astype(numpy.float64)))
    except ValueError as trouble:  # another shape: numpy says which
        yield Quantity(name, shape=shapes[0], trouble=f"has the shape {shapes[0]}: {trouble}")
        return
    for off in found:
        yield Quantity(off.name, shape=shapes[0], unit=off.unit, off=float(off.far), looks=off.looks)


def _compared(name: str, expected: Any, answer: Any) -> Iterator[Quantity]:
    if isinstance(expected, list | tuple):
        yield from _compared_list(name, expected, answer)
        return
    wanted = numpy.asarray(expected)
    given = _stacked(answer)
    if isinstance(given, Large):
        yield Quantity(name, given.shape, trouble=f"has the shape {given.shape}, expected {wanted.shape}")
    elif not isinstance(given, numpy.ndarray):
        shape = f"an array of the shape {wanted.shape}" if wanted.ndim else "a number"
        yield Quantity(name, trouble=f"is {_what(given)}, expected {shape}")
    elif given.shape != wanted.shape and not (wanted.ndim == 0 and given.size == 1):
        more = patterns.of_shapes(given.shape, wanted.shape)
        said = f"has the shape {given.shape}, expected {wanted.shape}"
        yield Quantity(name, given.shape, trouble=said, looks=more)
    elif not numpy.isfinite(given).all():
        yield Quantity(name, given.shape, trouble=_not_finite(given))
    else:
        yield _distance(name, wanted, given.reshape(wanted.shape))


def _compared_list(name: str, expected: Sequence[Any], answer: Any) -> Iterator[Quantity]:
    given = _listed(answer)
    if not isinstance(given, list):
        yield Quantity(name, trouble=f"is {_what(answer)}, expected a list of {len(expected)} parts")
    elif len(given) != len(expected):
        yield Quantity(name, (len(given),), trouble=f"has {len(given)} parts, expected {len(expected)}")
    else:
        for number, (wants, gives) in enumerate(zip(expected, given, strict=True)):
            if number < PARTS_SHOWN:
                yield from _compared(f"{name}[{number}]", wants, gives)


def _distance(name: str, wanted: Any, given: Any) -> Quantity:
    wants, gives = wanted.astype(numpy.float64), given.astype(numpy.float64)
    with numpy.errstate(all="ignore"):
        apart = numpy.abs(gives - wants)
    wrong = apart > ROUNDING
    if not wrong.any():
        return Quantity(name, given.shape, off=float(apart.max(initial=0.0)))
    first = numpy.unravel_index(int(wrong.argmax()), wrong.shape)
    largest = numpy.unravel_index(int(apart.argmax()), apart.shape)
    return Quantity(
        name,
        given.shape,
        off=float(min(apart.max(), numpy.finfo(numpy.float64).max)),
        above=bool(gives[largest] > wants[largest]),
        first=tuple(map(int, first)),
        largest=tuple(map(int, largest)),
        wrong=int(wrong.sum()),
        looks=patterns.of_numbers(wants, gives, given.dtype.name),
    )


def _stacked(answer: Any) -> Any:
    """A list of arrays of one shape as one array, since students collect steps in lists."""
    if isinstance(answer, list) and answer:
        parts = [_stacked(each) for each in answer]
        if all(isinstance(each, numpy.ndarray) and each.shape == parts[0].shape for each in parts):
            return numpy.stack(parts)
    return answer


def _not_finite(given: Any) -> str:
    at = numpy.argwhere(~numpy.isfinite(given))[0]
    value = "nan" if numpy.isnan(given[tuple(at)]) else "infinite"
    return f"is {value}{place(tuple(map(int, at)))}"


def place(index: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, index))}]" if index else ""


def _what(answer: Any) -> str:
    if answer is None:
        return "None"
    if isinstance(answer, Odd):
        return f"of the type {answer}"
    if isinstance(answer, list):
        return f"a list of {len(answer)}"
    if isinstance(answer, Mapping):
        return "a dictionary"
    shape = getattr(answer, "shape", None)
    return "one number" if shape == () else f"one array of the shape {shape}"
