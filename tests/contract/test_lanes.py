"""The starter's own programs in the sandbox: what they say here is what the student handed in."""

from pathlib import Path

import pytest

from tests.contract.conftest import RUBRIC, Homework
from tests.sandbox.conftest import missing

LANES = """
[checks.predict]
points = 0
required = false
"""


def test_the_programs_of_an_honest_student_agree_with_what_was_handed_in(homework: Homework) -> None:
    if reason := missing():
        pytest.skip(reason)
    rubric: Path = homework.folder.with_name("small.toml")
    rubric.write_text(RUBRIC + LANES)
    verdict = homework.grade()
    messages = {
        each["check"]: [(finding["level"], finding["message"]) for finding in each["findings"]]
        for each in verdict["results"]
    }
    assert [level for level, _ in messages["predict"]] == ["note"] * 3, messages["predict"]
    assert ("note", "0 of 100 predictions differ, at most 1 may") in messages["predict"]
    (measured,) = [pair for pair in messages["preprocessing"] if "measured on a probe image" in pair[1]]
    assert measured[0] == "note" and "size 160x160" in measured[1]
