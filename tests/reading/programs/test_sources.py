"""Programs and notebooks as syntax trees, and what of them could not be read, with place and reason."""

import ast
import json
import sys

import pytest

from grader.ground.errors import NotMeasured
from grader.reading import deliverables, phases
from grader.reading.programs import read, unread
from grader.reading.programs.sources import FILES, Source
from tests.conftest import Make

CONFLICT = "a merge conflict that is not resolved begins on line 2"


def book(*cells: str) -> str:
    found = [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# The two phases"}, *found]})


def only(submit: Make, files: dict[str, str | bytes]) -> Source:
    (source,) = read(submit(files))
    return source


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1250"])
def test_a_module_in_any_encoding(submit: Make, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    source = only(submit, {"a.py": f"{mark}x = 'vége'\n".encode(encoding)})
    assert source.tree is not None and not source.unread
    assert source.text == "x = 'vége'\n"


def test_a_coding_line(submit: Make) -> None:
    written = "# coding: iso-8859-2\nx = 'őszi'\n"
    assert only(submit, {"a.py": written.encode("iso-8859-2")}).text == written
    refused = only(submit, {"a.py": b"# coding: zlib\nx = 1\n"})
    assert [str(lost) for lost in refused.unread] == [
        'a.py (its coding line names "zlib", which is no encoding of programs)'
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\nprint 'done'\n", "Python 2 on line 2"),
        ("try:\n    f()\nexcept ValueError, e:\n    pass\n", "Python 2 on line 3"),
        ("x = 1\n<<<<<<< HEAD\n=======\n>>>>>>> b\n", CONFLICT),
        ("x = 1\ny = (\n", "line 2 is not Python: '(' was never closed"),
        ("x = 1\nthis was prose\n", "line 2 is not Python"),
        ("x = " + "(" * 1000 + ")" * 1000, "line 1 is not Python: too many nested parentheses"),
    ],
)  # fmt: skip
def test_what_is_no_python_says_why(submit: Make, text: str, reason: str) -> None:
    source = only(submit, {"a.py": text})
    assert source.tree is None
    assert [(lost.where, lost.reason) for lost in source.unread] == [("a.py", reason)]


@pytest.mark.parametrize(
    ("version", "line", "what"),
    [
        ((3, 12), "type Pair = tuple[int, int]", "a `type` statement"),
        ((3, 12), "def first[T](x: T) -> T: return x", "parameters in brackets"),
        ((3, 12), "class Box[T]: pass", "parameters in brackets"),
        ((3, 12), "print(f'{names['first']}')", "quotes inside the same quotes"),
        ((3, 12), "print(f\"{'\\n'.join(names)}\")", "a backslash inside an f-string"),
        ((3, 14), "x = t'{names}'", "a t-string"),
    ],
)
def test_python_that_is_newer_than_ours_is_named_as_that(
    submit: Make, version: tuple[int, int], line: str, what: str
) -> None:
    source = only(submit, {"a.py": f"x = 1\n{line}\n"})
    if sys.version_info >= version:
        assert source.tree is not None
        return
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    newer = ".".join(map(str, version))
    assert [lost.reason for lost in source.unread] == [
        f"Python {newer} ({what}) on line 2, read with Python {ours}"
    ]


def test_a_lost_cell_is_named_and_the_others_keep_their_places(submit: Make) -> None:
    source = only(submit, {"a.ipynb": book("!wget x\na = 1", "print 'done'\nb = 2", "%time c = 3")})
    assert source.tree is not None
    assert [ast.unparse(node) for node in source.tree.body] == ["pass", "a = 1", "c = 3"]
    assert [source.place(node.lineno) for node in source.tree.body] == [
        "a.ipynb#c1",
        "a.ipynb#c1",
        "a.ipynb#c3",
    ]
    assert [str(lost) for lost in source.unread] == ["a.ipynb#c2 (Python 2 on line 1)"]
    assert [(command.where, command.text) for command in source.commands][0] == ("a.ipynb#c1", "wget x")
    assert source.prose == ("# The two phases",)


def test_a_lost_cell_counts_whatever_words_it_has_and_a_lost_module_by_its_words(submit: Make) -> None:
    sources = read(
        submit({"a.ipynb": book("a = 1", "go(model) now"), "b.py": "go(model) now", "c.py": "fit( it"})
    )
    assert unread(sources, "fit") == (
        "c.py (line 1 is not Python: '(' was never closed)", "a.ipynb#c2 (line 1 is not Python)"
    )  # fmt: skip


def test_a_notebook_of_another_language_and_files_beyond_the_limit(submit: Make) -> None:
    other = json.loads(book("x <- 1")) | {"metadata": {"kernelspec": {"language": "R"}}}
    assert [str(lost) for lost in only(submit, {"a.ipynb": json.dumps(other)}).unread] == [
        "a.ipynb (a notebook in r)"
    ]
    many = read(submit({f"m{number:03}.py": "x = 1\n" for number in range(FILES + 2)}))
    assert len(many) == FILES + 1
    assert unread(many, "fit") == (f"m{FILES}.py (beyond the {FILES} that are read)",)


def test_where_absence_matters_a_lost_cell_leaves_the_answer_open(submit: Make) -> None:
    """Nothing that was read unfreezes anything, and one cell was not read."""
    frozen = "for p in model.parameters():\n    p.requires_grad = False\nloss.backward()\n"
    submission = submit({"a.ipynb": book(frozen, "for p in model.layer4.parameters(:")})
    found = phases.find(submission)
    assert [place.split(" (")[0] for place in found.unread] == ["a.ipynb#c2"]
    assert [place.split(" (")[0] for place in deliverables.downloads(submission).unread] == ["a.ipynb#c2"]
    from grader.checks.two_phases import TwoPhases

    check = TwoPhases()
    with pytest.raises(NotMeasured, match="a.ipynb#c2"):
        list(check.judge(check.collect(submission)))


def test_the_words_of_a_notebook_are_counted_in_every_encoding(submit: Make) -> None:
    """Comments of code and the text between the cells: 3 + 4 words, the mark of the heading counted."""
    text = book("# freeze the backbone\nx = 1")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert deliverables.comments(submit({"a.ipynb": text.encode(encoding)})).words == 7
