"""A lab's cases with their right answers as lines of Python, for the hidden tests of a notebook.

$ python -m grader.workers.record_tests < request.json > answer.json
"""

from typing import Any

import numpy

from grader.workers import exams, wire
from grader.workers.lab_messages import Record, Recorded
from grader.workers.messages import Unavailable

TEST = """\
_answer = {function}(**{arguments})
assert same(_answer, {expected}), "{function}: {label}: see the lab's text"
"""


def answer(request: Record) -> Recorded | Unavailable:
    try:
        loaded = exams.loaded(request.exam, request.seed)
    except exams.Misfit as misfit:
        return Unavailable(f"the lab's own files do not fit together: {misfit}")
    tests = dict.fromkeys((case.function for case in loaded.cases), "")
    for case in loaded.cases:
        if case.judged is None:
            tests[case.function] += TEST.format(
                function=case.function,
                label=case.label,
                arguments=literal(dict(case.arguments)),
                expected=literal(exams.call(loaded.reference, case, 0)),
            )
    return Recorded(tests)


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
