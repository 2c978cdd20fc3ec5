"""The check that CONTRIBUTING.md shows, run as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader import engine
from grader.assignment import Assignment, Criterion
from grader.ground.verdict import Outcome
from tests.conftest import Make

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("citation")
    monkeypatch.setitem(sys.modules, "citation", module)  # type hints are looked up there
    exec(compile(source, str(PAGE), "exec"), module.__dict__)
    return module


@pytest.mark.parametrize(
    ("files", "outcome", "said"),
    [
        ({"SOURCES.md": "one two three four five six seven eight nine ten"}, Outcome.PASSED, []),
        ({"SOURCES.md": "none"}, Outcome.FAILED, ["SOURCES.md has 1 words, expected at least 10"]),
        ({}, Outcome.FAILED, ["SOURCES.md is not in the commit"]),
    ],
)
def test_the_whole_check(
    shown: ModuleType, submit: Make, files: dict[str, str], outcome: Outcome, said: list[str]
) -> None:
    criterion = Criterion("citation", shown.Citation(), 1.0, True)
    assignment = Assignment(id="a", title="A", points=1, criteria=(criterion,))
    measurements = engine.measure_all(assignment, submit(files)).measurements
    decided, findings = engine.decide(criterion, measurements["citation"], {})
    assert (decided, [each.message for each in findings]) == (outcome, said)


def test_it_fits_a_screen() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len([line for line in source.splitlines() if line]) <= 30
