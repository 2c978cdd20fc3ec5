"""Configuration files as literal expressions; what YAML means was written down by hand."""

import ast
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.reading import programs
from grader.reading.programs import plain_yaml
from tests.conftest import Make


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", {}),
        ("# nothing\n---\n", {}),
        ("a: 1\nb: 2.5\nc: -1e-3\nd: 1_000", {"a": 1, "b": 2.5, "c": -0.001, "d": 1000}),
        ("a: yes\nb: null\nc:\nd: 'no'\ne: x y", {"a": True, "b": None, "c": None, "d": "no", "e": "x y"}),
        ("a:\n  b:\n    c: 3\n  d: 4\ne: 5", {"a": {"b": {"c": 3}, "d": 4}, "e": 5}),
        ("a: [0.5, 1,\n    2]  # three\nb: []", {"a": [0.5, 1, 2], "b": []}),
        ("a:\n- 1\n- 2\nb: 3", {"a": [1, 2], "b": 3}),
        ("- x: 1\n  y: 2\n- x: 3", [{"x": 1, "y": 2}, {"x": 3}]),
        ("path: data/a#b\nurl: http://x.y/z\n\"k e y\": "
         "1", {"path": "data/a#b", "url": "http://x.y/z", "k e y": 1}),
    ],
)  # fmt: skip
def test_plain_yaml(text: str, content: Any) -> None:
    assert plain_yaml.read(text) == content


@pytest.mark.parametrize("text", ["a\nb: 1", "a: 1\n    b: 2", "- \n-", "{a: 1}"])
def test_other_yaml_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        plain_yaml.read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\n" * 2_001, "2001 lines are more than the 2000"),
        ("- " * 40_000, "longer than the 1000 characters"),
        ("a" + " " * 90_000, "longer than the 1000 characters"),
    ],
)
def test_what_is_too_long_for_settings_is_refused_unread(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plain_yaml.read(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab:-[]#'\" \n.1{},&*", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        plain_yaml.read(text)
    except ValueError:
        pass


def test_files_are_literals_by_path(submit: Make) -> None:
    content = {"a": {"b": [1, 2.5, "x", None, True]}}
    files = {"c.json": json.dumps(content), "d.toml": "a = {b = [1]}", "bad.json": "{", "tests/e.json": "{}",
             "list.json": "[1]", "long.json": json.dumps({"a": "x" * 200_000})}  # fmt: skip
    found = programs.settings(submit(files))
    assert {path: ast.literal_eval(tree) for path, tree in found.items()} == {
        "c.json": content,
        "d.toml": {"a": {"b": [1]}},
    }
