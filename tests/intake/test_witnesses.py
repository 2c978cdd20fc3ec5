"""Clocks besides the student's, through the real command: a ledger, receipts, extensions in the roster."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from finetune.parts import receipt
from finetune.parts.receipt import Settings

from tests.deadlines.authority import authority
from tests.deadlines.serving import serving
from tests.repository.building import commit, dated, git
from tests.test_cli import RIGHT, RUBRIC, Grader, unwrapped

BUDAPEST = ZoneInfo("Europe/Budapest")


def at(hours: float) -> str:
    """A deadline so many hours from now."""
    return (datetime.now(BUDAPEST) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def now() -> str:
    return datetime.now(BUDAPEST).isoformat()


@pytest.fixture
def course(tmp_path: Path) -> Grader:
    """A course with the small assignment, and a homework that was committed just now."""
    folder = tmp_path / "assignments" / "small"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(RUBRIC)
    (folder.parent / "course.toml").write_text('schema = 1\ntitle = "Course"\nzone = "Europe/Budapest"\n')
    homework = commit(tmp_path / "homework", RIGHT, when=now())
    (tmp_path / "roster.csv").write_text(f"student,url,small\nABC123,{homework},\n")
    return Grader(tmp_path)


def status(course: Grader, *arguments: str) -> str:
    run = course("check", "homework", "--assignment", "small", "--json", "-", *arguments)
    assert run.returncode in (0, 1, 4), run.stderr
    return str(json.loads(run.stdout)["commit"]["status"])


def test_a_snapshot_before_the_deadline_proves_the_commit(course: Grader) -> None:
    assert status(course, "--deadline", at(1)) == "CLAIMED_IN_TIME"
    taken = course("snapshot", "roster.csv", "--ledger", "ledger.jsonl")
    assert (taken.returncode, taken.stdout[:7]) == (0, "seal 1:"), taken.stderr
    assert status(course, "--deadline", at(1), "--ledger", "ledger.jsonl") == "PROVEN_IN_TIME"


def test_a_commit_pushed_late_with_an_early_date_is_for_a_person_to_look_at(course: Grader) -> None:
    homework = course.folder / "homework"
    deadline = at(-1)
    early = dated("2020-11-09T12:00:00+0100")
    git(homework, "commit", "-q", "--amend", "--no-edit", "--date", "2020-11-09", environment=early)
    course("snapshot", "roster.csv", "--ledger", "ledger.jsonl")
    commit(homework, {"README.md": "# Better\n"}, when="2020-11-10T12:00:00+0100")
    run = course(
        "check", "homework", "--assignment", "small", "--deadline", deadline, "--ledger", "ledger.jsonl"
    )
    assert run.returncode == 4
    told = unwrapped(run.stdout)
    assert "dated in time first observed late: a person decides" in told
    assert "its date cannot be confirmed" in told


def test_a_receipt_of_make_submit_proves_the_commit(course: Grader, tmp_path: Path) -> None:
    stamps = authority(tmp_path / "authority")
    homework, origin = tmp_path / "homework", tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    git(homework, "remote", "add", "origin", str(origin))
    git(homework, "push", "-q", "origin", "main")
    sha = subprocess.run(
        ["git", "-C", str(homework), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with serving(stamps) as address:
        lines = receipt.obtain(homework, sha, Settings(authority=address))
    assert "time.tsr" in lines[0]
    with open(tmp_path / "assignments" / "course.toml", "a") as file:
        file.write(f'[witnesses]\nauthority = "{stamps.certificates}"\n')
    run = course("check", str(origin), "--assignment", "small", "--deadline", at(1), "--json", "-")
    assert json.loads(run.stdout)["commit"]["status"] == "PROVEN_IN_TIME"


def test_an_extension_in_the_roster_is_the_students_own_deadline(course: Grader) -> None:
    roster = course.folder / "roster.csv"
    late = course("check", "homework", "--assignment", "small", "--evidence", "e.json")
    assert late.returncode == 1
    roster.write_text(f"student,url,small\nABC123,{course.folder / 'homework'},{at(2)}\n")
    judged = course("judge", "e.json", "--roster", "roster.csv")
    assert judged.returncode == 0, judged.stdout
    assert "The status was nothing before deadline and is claimed in time." in judged.stderr
    assert course("check", "homework", "--assignment", "small", "--roster", "roster.csv").returncode == 0


def test_late_days_cost_their_share_of_the_points(course: Grader) -> None:
    rubric = course.folder / "assignments" / "small" / "assignment.toml"
    policy = "\n[checks.deadline.policy]\nlate_days = 2\npenalty_per_day = 10\n"
    rubric.write_text(RUBRIC.replace('at = "2020-11-10 23:59"', f'at = "{at(-30)}"') + policy)
    run = course("check", "homework", "--assignment", "small", "--json", "v.json")
    verdict = json.loads((course.folder / "v.json").read_text())
    assert verdict["commit"]["status"] == "LATE"
    assert (verdict["penalty"], verdict["points"]) == (20, {"min": 16, "max": 16, "of": 20})
    assert "16/20 points" in run.stdout and "20 % off for being late" in run.stdout


def test_a_changed_ledger_is_refused_with_the_row(course: Grader) -> None:
    for _ in range(2):
        course("snapshot", "roster.csv", "--ledger", "ledger.jsonl")
    ledger = course.folder / "ledger.jsonl"
    assert "2 rows, all sound" in course("verify-ledger", "ledger.jsonl").stdout
    first, second = ledger.read_text().splitlines(keepends=True)
    ledger.write_text(first.replace('"asked":1', '"asked":2', 1) + second)
    for command in (["verify-ledger", "ledger.jsonl"], ["check", "homework", "--ledger", "ledger.jsonl"]):
        run = course(*command)
        assert (run.returncode, "row 1" in run.stderr) == (2, True), run.stderr
