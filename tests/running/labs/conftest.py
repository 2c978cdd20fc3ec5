"""Submissions of a lab that answer together in one warm process."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from grader import assignment
from grader.checks.lab import Loaded
from grader.ground.verdict import Finding
from grader.running import labs
from grader.running.labs import LabRun
from grader.submission import Submission
from grader.workers import exams
from tests.conftest import submission
from tests.sandbox.conftest import missing

LABS = Path("assignments/labs")
NAMES = tuple(sorted(path.parent.name for path in LABS.glob("*/assignment.toml")))

Files = Mapping[str, str | bytes]
Answer = Callable[..., dict[str, LabRun]]


def check(name: str) -> Loaded:
    """The check of a lab as its assignment has it."""
    found = assignment.load(LABS / name / "assignment.toml").criteria[-1].check
    assert isinstance(found, Loaded)
    return found


def reference(name: str) -> str:
    return check(name).exam.reference


def wrong(name: str) -> dict[str, str]:
    """The source of each known wrong solution."""
    exam = check(name).exam
    return {
        each: exams.edited(exam.reference, exams.described(text, each), each)
        for each, text in exam.wrong.items()
    }


def errors(name: str, run: LabRun) -> list[Finding]:
    return [finding for finding in check(name).judge(run) if finding.level == "error"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """`answers("l1", {"anna": {"labs/l1.py": "..."}})` lets all of them answer in one process."""
    if reason := missing():
        pytest.skip(reason)

    def answered(name: str, group: Mapping[str, Files], **settings: Any) -> dict[str, LabRun]:
        folder = tmp_path_factory.mktemp(name)
        asked = replace(check(name), **settings)
        made = {who: _made(folder, who, files) for who, files in group.items()}
        return dict(zip(made, labs.together(list(made.values()), asked.questions()), strict=True))

    return answered


def _made(folder: Path, who: str, files: Files) -> Submission:
    (folder / who).mkdir()
    found = submission(folder / who, files)
    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    found.surroundings = replace(found.surroundings, cache=cache)
    return found


def texts(found: Iterable[Finding]) -> str:
    return "\n".join(f"{each.message} {each.hint}" for each in found)
