"""A lab's cases with their right answers as lines of Python, for the hidden tests of a notebook.

$ python -m grader.workers.record_tests < request.json > answer.json
"""

from collections.abc import Iterator
from typing import Any

import numpy

from grader.workers import exams, wire
from grader.workers.exams import Loaded
from grader.workers.lab_messages import Record, Recorded
from grader.workers.messages import Unavailable

TEST = """\
_answer = {function}(**{arguments})
assert {claim}, "{function}: {label}: see the lab's text"
"""


def answer(request: Record) -> Recorded | Unavailable:
    try:
        loaded = exams.loaded(request.exam, request.seed)
    except exams.Misfit as misfit:
        return Unavailable(f"the lab's own files do not fit together: {misfit}")
    return Recorded({name: "".join(_tests(loaded, name)) for name in exams.functions(loaded.cases)})


def _tests(loaded: Loaded, function: str) -> Iterator[str]:
    """Of a function all of whose answers are left to chance only their shapes are certain."""
    cases = [case for case in loaded.cases if case.function == function]
    exact = [case for case in cases if case.judged is None]
    for case in exact or cases:
        expected = exams.call(loaded.reference, case, 0)
        claim = f"same(_answer, {literal(expected)})" if exact else f"np.shape(_answer) == {expected.shape}"
        yield TEST.format(
            function=function, label=case.label, arguments=literal(dict(case.arguments)), claim=claim
        )


def literal(value: Any) -> str:
    """A value as Python. Of numbers every digit counts, and `repr` tells them all."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, numpy.ndarray):
        return (
            f"np.reshape(np.array({value.ravel().tolist()!r}, dtype={value.dtype.name!r}), {value.shape!r})"
        )
    return repr(value.item() if isinstance(value, numpy.generic) else value)


if __name__ == "__main__":
    wire.serve(Record, answer)
