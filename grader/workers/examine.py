"""Draws a lab's inputs, and compares what submissions answered with the reference. No student code runs here.

$ python -m grader.workers.examine < request.json > answer.json
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from grader.workers import distances, exams, wire
from grader.workers.answering import values
from grader.workers.answering.values import Odd
from grader.workers.examining import Case
from grader.workers.exams import Loaded
from grader.workers.lab_messages import (
    Answered,
    Compare,
    Compared,
    ComparedAll,
    Draw,
    Drawn,
    Kill,
    Killed,
    Quantity,
)
from grader.workers.messages import Unavailable

ALIKE = 1e-7  # to a wrong solution, also in single precision
REPEATS = 1.5  # how much two random answers with the same mistake may be apart in their distances


class Mistaken(Struct, frozen=True):
    """What a known wrong solution answers to a call, and how far off that is."""

    name: str
    answer: Any
    apart: tuple[Quantity, ...]


Known = Callable[[int], Sequence[Mistaken]]  # by the number of the call


def answer(request: Draw | Compare | Kill) -> Drawn | ComparedAll | Killed | Unavailable:
    try:
        match request:
            case Draw(exam, seed):
                return _drawn(exams.loaded(exam, seed), seed)
            case Compare(exam, seed, answers):
                loaded = exams.loaded(exam, seed)
                expected = [exams.call(loaded.reference, case, 0) for case in loaded.cases]
                known = _mistakes(loaded, expected, seed)
                return ComparedAll(tuple(_compared(loaded, expected, each, known) for each in answers))
            case Kill():
                return _killed(request)
    except exams.Misfit as misfit:
        return Unavailable(f"the lab's own files do not fit together: {misfit}")


def _drawn(loaded: Loaded, seed: int) -> Drawn:
    calls = [
        {
            "function": case.function,
            "arguments": values.encoded(dict(case.arguments)),
            "seed": exams.seed_of(seed, number),
            "times": None if case.judged is None else case.times,
        }
        for number, case in enumerate(loaded.cases)
    ]
    return Drawn(Raw(json.dumps(calls).encode()), tuple(case.function for case in loaded.cases))


def _compared(loaded: Loaded, expected: Sequence[Any], content: bytes, known: Known) -> Compared:
    """One line of JSON tells how importing went, each further one a call. What is no such line ends it."""
    lines = _lines(content)
    opening = next(lines, {})
    calls = tuple(
        _answered(loaded, (number, expected[number]), line, known)
        for number, line in zip(range(len(expected)), lines, strict=False)
    )
    return Compared(_text(opening, "raised"), _text(opening, "refused"), _line(opening), calls)


def _lines(content: bytes) -> Iterator[Mapping[str, Any]]:
    for line in content.split(b"\n"):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(found, dict):
            return
        yield found


def _answered(loaded: Loaded, wanted: tuple[int, Any], line: Mapping[str, Any], known: Known) -> Answered:
    number, expected = wanted
    case = loaded.cases[number]
    alike: tuple[str, ...] = ()
    try:
        given = values.read(line.get("value"))
    except Odd as odd:
        given = odd
    told = line.keys() & {"raised", "refused", "absent"}
    found = () if told else distances.quantities(case, expected, given)
    if any(_differs(each) for each in found):
        alike = tuple(_alike(case, given, found, known(number)))
    return Answered(
        function=case.function,
        label=case.label,
        line=_line(line),
        absent=bool(line.get("absent")),
        raised=_text(line, "raised"),
        refused=_text(line, "refused"),
        quantities=found,
        known=alike,
        mistakes=tuple(loaded.wrong[name].mistake for name in alike),
        within=tuple(loaded.wrong[name].within for name in alike),
    )


def _differs(found: Quantity, tolerance: float = distances.ROUNDING, sigmas: float = 6.5) -> bool:
    limit = sigmas if found.unit == "sigmas" else tolerance
    return bool(found.trouble) or found.off > limit


def _mistakes(loaded: Loaded, expected: Sequence[Any], seed: int) -> Known:
    """Worked out when first asked for, and once for all submissions."""

    @functools.cache
    def of(number: int) -> tuple[Mistaken, ...]:
        case, found = loaded.cases[number], []
        for name, wrong in loaded.wrong.items():
            answer = _try(wrong.functions, case, exams.seed_of(seed, number))
            apart = () if answer is None else distances.quantities(case, expected[number], answer)
            if any(map(_differs, apart)):  # otherwise its mistake lies elsewhere
                found.append(Mistaken(name, answer, apart))
        return tuple(found)

    return of


def _alike(case: Case, given: Any, found: Sequence[Quantity], mistaken: Sequence[Mistaken]) -> Iterator[str]:
    """The known wrong solutions that answer the same or, where chance is in it, are wrong in the same way."""
    for each in mistaken:
        if case.judged is not None:
            same = len(found) == len(each.apart) and all(map(_as_far, found, each.apart))
        else:
            same = not any(_differs(part, ALIKE) for part in distances.quantities(case, each.answer, given))
        if same:
            yield each.name


def _as_far(one: Quantity, other: Quantity) -> bool:
    """Whether both are right, or both wrong to about the same extent: with chance, more does not repeat."""
    if one.trouble or other.trouble or not (_differs(one) and _differs(other)):
        return _differs(one) == _differs(other)
    return one.off <= REPEATS * other.off and other.off <= REPEATS * one.off


def _try(functions: Mapping[str, Any], case: Case, seed: int) -> Any:
    """What a wrong solution answers, as we would read it from a student; None where it breaks."""
    try:
        return values.read(values.answered(exams.call(functions, case, seed)))
    except Exception:  # noqa: BLE001 - a wrong solution may break in any way
        return None


def _killed(request: Kill) -> Killed:
    exam = request.exam
    columns: tuple[str, ...] = ()
    reference = 0
    table: dict[str, list[int]] = {}
    survived: dict[str, int] = {}
    first: dict[str, str] = {}
    for seed in request.seeds:
        loaded = exams.loaded(exam, seed)
        columns = columns or tuple(f"{each.function}: {each.label}" for each in loaded.cases)
        own = _told(loaded, loaded.reference, seed, request)
        reference += any(own)
        for name, wrong in loaded.wrong.items():
            told = _told(loaded, wrong.functions, seed, request)
            row = table.setdefault(name, [0] * len(columns))
            table[name] = [count + bool(each) for count, each in zip(row, told, strict=True)]
            survived[name] = survived.get(name, 0) + (not any(told))
            first.setdefault(name, next((each for each in told if each), ""))
    rows = {name: tuple(row) for name, row in table.items()}
    return Killed(len(request.seeds), columns, reference, rows, survived, first)


def _told(loaded: Loaded, functions: Mapping[str, Any], seed: int, limits: Kill) -> list[str]:
    """For each case the first quantity that differs, "" where none does."""
    found = []
    for number, case in enumerate(loaded.cases):
        answer = _try(functions, case, exams.seed_of(seed, number))
        if answer is None:
            found.append(f"{case.function} breaks")
            continue
        expected = exams.call(loaded.reference, case, 0)
        parts = distances.quantities(case, expected, answer)
        differing = (each for each in parts if _differs(each, limits.tolerance, limits.sigmas))
        found.append(next((each.name for each in differing), ""))
    return found


def _text(line: Mapping[str, Any], key: str) -> str:
    return str(line.get(key, ""))[:400]


def _line(line: Mapping[str, Any]) -> int:
    number = line.get("line", 0)
    return number if isinstance(number, int) and 0 <= number < 1_000_000 else 0


if __name__ == "__main__":
    wire.serve(Draw | Compare | Kill, answer)  # type: ignore[arg-type]
