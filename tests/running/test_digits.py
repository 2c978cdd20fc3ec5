"""The grader's digits are those of the student's program."""

import subprocess
import sys

import pytest
from finetune.sources.digits import Digits

from grader.ground.errors import NotMeasured
from grader.running.images import digits


def test_digits_are_those_of_the_students_program() -> None:
    for remainder, label in enumerate(("even", "odd")):
        theirs = {each.image_id: each.content for each in Digits().fetch(label, Digits().ids(label)[:60])}
        indices = {name: digits.index_of(name) for name in theirs}
        assert len(theirs) == 60
        drawn = digits.drawn(index for index in indices.values() if index is not None)
        assert {name: drawn.get(index or 0) for name, index in indices.items()} == theirs
        assert {digit % 2 for digit in digits.shown(drawn).values()} == {remainder}


def test_a_name_that_is_no_digits_has_no_index() -> None:
    names = ["digit-0000", "digit-1796", "digit-1797", "digit-00001", "digit-1", "digit-0001\n", "other", ""]
    assert [digits.index_of(name) for name in names] == [0, 1796, *[None] * 6]


def test_without_scikit_learn_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "find_spec", lambda _: None)
    digits._table.cache_clear()
    with pytest.raises(NotMeasured, match="^sklearn is not installed here$") as raised:
        digits.drawn([0])
    assert raised.value.hint == "pip install 'smartlab-coursework[demo]'"


NO_HEAVY_PACKAGE = """\
import sys
from grader.running.images import digits

assert digits.shown([0, 1796]) == {0: 0, 1796: 8}
assert not {"sklearn", "numpy", "PIL"} & sys.modules.keys()
"""


def test_no_heavy_package_is_imported() -> None:
    subprocess.run([sys.executable, "-c", NO_HEAVY_PACKAGE], check=True)
