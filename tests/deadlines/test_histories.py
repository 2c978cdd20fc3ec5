"""The commit that counts by its dates, on real repositories, whatever zone the grader's machine is in."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import deadlines, repository
from grader.deadlines import Policy, Status
from grader.repository import Repository
from tests.deadlines.cases import CASES, Case
from tests.repository.building import bare, files, history, point

MACHINE_ZONES = ("UTC", "Europe/Budapest", "America/Los_Angeles", "Pacific/Kiritimati")
COLLECTED = 1_700_000_000  # November 2023


@pytest.fixture(params=MACHINE_ZONES, scope="module")
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Sets the zone of this process and of the programs it starts."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Repository, dict[str, str]]]:
    """Every case as a repository that was fetched, with the ids of its commits by name."""
    base = tmp_path_factory.mktemp("histories")
    root = files(bare(base / "empty.git"), {"README.md": b"a student's work\n"})
    made = {}
    for number, case in enumerate(CASES):
        source = base / f"{number}.git"
        shutil.copytree(base / "empty.git", source)
        point(source, "HEAD", f"ref: refs/heads/{case.branch}")
        ids = history(source, case.commits, case.branch, root)
        made[case.name] = (repository.fetch(str(source), base / f"{number}.fetched", allow=("file",)), ids)
    return made


def test_there_are_enough_cases() -> None:
    assert len(CASES) == len({case.name for case in CASES})
    assert len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_commit_that_counts(
    case: Case, machine_zone: str, built: dict[str, tuple[Repository, dict[str, str]]]
) -> None:
    fetched, ids = built[case.name]
    deadline = deadlines.instant(case.deadline, "Europe/Budapest")
    line = deadlines.timeline(fetched.history(), [deadline.last], COLLECTED)
    choice = deadlines.choose(line, deadline.last)
    assert choice.sha == ids.get(case.expect, ""), machine_zone
    assert {rival.sha for rival in choice.rivals if rival.sha} == {ids[name] for name in case.rivals}

    ruling = deadlines.decide(line, deadline, Policy())
    assert ruling.graded == ids.get(case.undated or case.expect, "")
    status = Status.CLAIMED_IN_TIME if case.expect else Status.NOTHING_BEFORE_DEADLINE
    assert (ruling.status, ruling.effect == "review") == (
        (Status.DATE_UNKNOWN, True) if case.undated else (status, False)
    )
    told = deadlines.sentences(line, ruling)
    assert not any(f"Another rule would take {ruling.graded[:7]}" in each for each in told if ruling.graded)
    assert all("\n" not in sentence and "  " not in sentence and sentence.endswith(".") for sentence in told)


def test_paths_lead_to_the_same_answer_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = bare(tmp_path / "source.git")
    ids = history(source, CASES[0].commits)
    monkeypatch.chdir(tmp_path)
    fetched = repository.fetch("source.git", Path("fetched"), allow=("file",))
    assert fetched.history().head == ids["b"]
