"""An assignment that is no image homework: one file, two checks, and nothing about images is loaded."""

import csv
import json
from pathlib import Path

from tests.repository.building import commit
from tests.test_cli import Grader, grader, unwrapped  # noqa: F401 - a fixture
from tests.test_startup import loaded

QUIZ = """\
schema = 1
id = "quiz1"
title = "Quiz 1"
points = 10

[checks.required_files]
points = 6
paths = ["answers.toml"]

[checks.deadline]
at = "2020-11-10 23:59"
zone = "Europe/Budapest"
points = 4
"""
FILES = {
    "answers.toml": "one = 1\n",
    "submission.toml": 'schema = 1\nassignment = "quiz1"\nstudent = "XYZ789"\n',
    "XYZ789-and-ABC123.txt": "",
}


def test_one_file_is_named_and_judged_without_the_image_homeworks_contract(tmp_path: Path) -> None:
    (tmp_path / "quiz1.toml").write_text(QUIZ)
    commit(tmp_path / "work", FILES)
    modules = loaded(tmp_path, "check", "work", "--assignment", "quiz1.toml", "--evidence", "e.json")
    assert "grader.handed_in" in modules
    assert "grader.contract" not in modules
    evidence = json.loads((tmp_path / "e.json").read_text())
    assert evidence["student"] == "XYZ789"
    modules = loaded(tmp_path, "judge", "e.json")
    assert "grader.contract" not in modules


def test_it_is_listed_in_a_class(grader: Grader, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "quiz1.toml").write_text(QUIZ)
    work = commit(tmp_path / "work", FILES)
    (tmp_path / "roster.csv").write_text(f"student,url\nXYZ789,{work}\n")
    run = grader("class", "roster.csv", "--assignment", "quiz1.toml", "--evidence-dir", "evidence")
    assert run.returncode == 0, run.stderr
    (line,) = csv.DictReader(
        (tmp_path / "evidence" / "quiz1" / "gradebook.csv").read_text("utf-8-sig").splitlines()
    )
    assert (line["student"], line["outcome"], line["points"]) == ("XYZ789", "passed", "10")


def test_a_fault_of_its_submission_toml_is_told_beside_the_files(grader: Grader, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "quiz1.toml").write_text(QUIZ)
    work = commit(tmp_path / "work", {**FILES, "submission.toml": "schema = " + "9" * 5_000})
    run = grader("check", work, "--assignment", "quiz1.toml", "--evidence", "e.json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "student not named" in run.stdout
    assert "warning: submission.toml: a number has more digits than TOML's integers" in unwrapped(run.stdout)
