"""A child that writes lines of its own into the pipe of its answers: whatever they are, they are wrong."""

import json
from collections.abc import Sequence

import pytest

from grader.workers import examine
from grader.workers.lab_messages import Compare, Compared, ComparedAll
from tests.running.labs.conftest import check

ARRAY = {"dtype": "float64", "shape": [2, 2, 4], "data": ""}
FORGED = {
    "too few bytes": {"value": ARRAY | {"data": "AAAA"}},
    "no base64": {"value": ARRAY | {"data": "%"}},
    "data of another kind": {"value": ARRAY | {"data": [0] * 16}},
    "objects": {"value": ARRAY | {"dtype": "object"}},
    "a kind that is none": {"value": ARRAY | {"dtype": ["float64"]}},
    "sides below zero": {"value": ARRAY | {"shape": [-2, -2, 4]}},
    "sides that are texts": {"value": ARRAY | {"shape": ["2", "2", "4"]}},
    "more than there can be": {"value": ARRAY | {"shape": [1 << 39, 1 << 39]}},
    "many axes": {"value": ARRAY | {"shape": [1] * 100}},
    "lists within lists": {"value": [[[[[[[[[]]]]]]]]]},
    "a number": {"value": 1.5},
    "a text": {"value": "right"},
    "texts of other kinds": {"raised": {"it": "was"}, "line": "12", "refused": ["nothing"]},
    "a line out of reach": {"raised": "E", "line": -(1 << 70)},
    "nothing": {},
}
NO_LINES = {
    "null": b"null",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "no JSON": b"\xff\xfe{",
    "nothing": b"",
    "a number without end": b'{"line": ' + b"9" * 100_000 + b"}",
}


def compared(lines: Sequence[bytes]) -> Compared:
    found = examine.answer(Compare(check("l1").exam, 1, (b"\n".join(lines),)))
    assert isinstance(found, ComparedAll)
    return found.answers[0]


@pytest.mark.parametrize("name", FORGED)
def test_an_answer_that_is_none_is_wrong(name: str) -> None:
    (call,) = compared([b"{}", json.dumps(FORGED[name]).encode()]).calls
    assert call.raised or call.refused or all(each.trouble for each in call.quantities)


@pytest.mark.parametrize("name", NO_LINES)
def test_what_is_no_line_ends_it(name: str) -> None:
    assert compared([b"{}", NO_LINES[name], b"{}"]).calls == ()
    assert compared([NO_LINES[name]]) == Compared()
