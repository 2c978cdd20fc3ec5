"""Answers read from notebooks that students tampered with: literals count, wherever they stand."""

import copy
import json
from typing import Any

import pytest

from grader.reading import quizzes
from grader.reading.quizzes import Reading
from tests import quiz_example as example
from tests.quiz_example import RIGHT

QUIZ = example.quiz()
NOT_A_LITERAL = "this is no literal: write the answer itself, not a way to compute it"


def read(book: dict[str, Any]) -> dict[str, tuple[Reading, ...]]:
    return quizzes.read(json.dumps(book).encode(), QUIZ)


def values(book: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [each.trouble or each.value for each in found] for name, found in read(book).items()}


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


ALL_RIGHT = {
    "forget-gate": ["fgt"],
    "gates": [["out", "inp", "fgt"]],
    "exactly": [["tanh", "sig"]],
    "count": [128],
    "decay": [0.12],
    "name-it": ["Vanishing"],
    "why-bias": ["It is open."],
}


def test_an_untouched_release_is_not_answered() -> None:
    found = values(example.release())
    assert found == {
        "forget-gate": [None],
        "gates": [[]],
        "exactly": [[]],
        "count": [None],
        "decay": [None],
        "name-it": [""],
        "why-bias": [""],
    }


def test_answers_and_where_they_stand() -> None:
    book = example.answered(RIGHT, "It is open.")
    assert values(book) == ALL_RIGHT
    assert read(book)["forget-gate"][0].where == "#c2"


def test_what_changes_nothing() -> None:
    """Cells copied, moved, without metadata, of another type; locked cells deleted or rewritten."""
    book = example.answered(RIGHT, "It is open.")
    copied = copy.deepcopy(book)
    copied["cells"] += copy.deepcopy(book["cells"][::-1])
    assert values(copied) == ALL_RIGHT
    alone = copy.deepcopy(book)
    alone["cells"] = [each for each in book["cells"] if not each["id"].endswith("-question")]
    for each in alone["cells"]:
        if each["id"] == "forget-gate":
            each["source"] = ["forget_gate == 'fgt' or 1/0\n", "5"]
        if each["id"] == "count-answer":
            each["cell_type"] = "markdown"
        if each["id"] == "decay-answer":
            each["cell_type"] = "raw"
    assert values(alone) == ALL_RIGHT
    bare = copy.deepcopy(book)
    for each in bare["cells"]:
        if each["id"] != "why-bias":
            each["metadata"] = {}
            del each["id"]
    assert values(bare) == ALL_RIGHT


def test_an_empty_cell_beside_a_filled_copy_counts_for_nothing() -> None:
    book = example.release()
    book["cells"].append(code("forget_gate = 'fgt'"))
    assert values(book)["forget-gate"] == ["fgt"]


def test_two_different_answers_are_both_kept() -> None:
    book = example.answered(RIGHT)
    book["cells"].append(code("forget_gate = 'inp'"))
    found = read(book)["forget-gate"]
    assert [(each.where, each.value) for each in found] == [("#c2", "fgt"), ("#c21", "inp")]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("count = 128\nprint(count)", [128]),
        ("%matplotlib inline\n!pip install x\ncount = 128", [128]),
        ("count: int = 128", [128]),
        ("count = other = 128", [128]),
        ("count = -1.5e3", [-1500.0]),
        ("count = 2 ** 7", [NOT_A_LITERAL]),
        ("count = int('128')", [NOT_A_LITERAL]),
        ("count = f'{128}'", [NOT_A_LITERAL]),
        ("if True:\n    count = 128", [NOT_A_LITERAL]),
        ("count += 1", [NOT_A_LITERAL]),
        ("(count := 128)", [NOT_A_LITERAL]),
        ("count, other = 1, 2", [NOT_A_LITERAL]),
        ("count = 128\ncount = 64", [128, 64]),
        ("count = 1,5", [[1, 5]]),
        ("count = {'inp', 'fgt'}", [["fgt", "inp"]]),
        ("count = b'128'", ["a literal of the type bytes: no question asks for one"]),
        ("count = 1j", ["a literal of the type complex: no question asks for one"]),
        ("count = {1: 2}", ["a literal of the type dict: no question asks for one"]),
        ("count = [[1]]", ["a literal of the type list: no question asks for one"]),
        ("count = 1e999", ["this number is too large"]),
        (f"count = {'9' * 400}", ["this number is too large"]),
        (f"count = {'9' * 5000}", ["this is not Python: are the quotes and brackets closed?"]),
        (f"count = {[0] * 101}", ["a list of 101 parts: 100 are read"]),
        ("count = '\\ud800'", ["?"]),  # half a character
        ("count = 'unclosed", ["this is not Python: are the quotes and brackets closed?"]),
        ("count = " + "(" * 5000, ["this is not Python: are the quotes and brackets closed?"]),
        ("count = " + "-" * 40_000 + "1", None),
        ("count = 128" + " + 1" * 10_000, None),
        ("counts = 3", []),
        ("# count = 3", []),
        ("count == 3", []),
    ],
)
def test_one_cell(source: str, found: list[Any] | None) -> None:
    book = {"cells": [code(source)]}
    read_values = values(book).get("count", [])
    if found is None:  # deeper than the parser goes: no value, and no crash
        assert all(isinstance(each, str) for each in read_values)
    else:
        assert read_values == found


def test_a_text_without_its_metadata_may_be_a_literal() -> None:
    book = {"cells": [code('why_bias = """The gate\nis open."""')]}
    assert values(book)["why-bias"] == ["The gate\nis open."]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000, b'{"cells": [1, null]}x']
)
def test_what_is_no_notebook(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        quizzes.read(content, QUIZ)


def test_strange_cells_are_passed_over() -> None:
    book = {
        "cells": [
            3,
            {"cell_type": "code"},
            {"source": {"a": 1}},
            {"source": [1, "count = 128"], "metadata": 5},
            {"source": "x", "metadata": {"nbgrader": {"grade_id": ["why-bias"]}}},
        ]
    }
    assert values(book) == {"count": [128]}
