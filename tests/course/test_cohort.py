"""A class on real repositories: resumed, judged, and one student's crash costs that student alone."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from grader import assignment
from grader.cli import main
from grader.course.cohort import again, following
from grader.course.cohort.batch import Wanted
from grader.course.gradebook import separated
from grader.course.kept import Place
from grader.course.roster import Member
from grader.intake import Request
from tests.conftest import RUBRIC
from tests.course.sixty import class_command
from tests.repository.building import commit


class Ended(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def run(folder: Path, *arguments: str) -> Ended:
    """`grader class` in this process; what it measures is measured in processes of its own."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([*class_command(folder, "evidence"), *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
    return Ended(status, out.getvalue(), err.getvalue())


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "small.toml").write_text(RUBRIC)
    good = commit(tmp_path / "good", {"README.md": "hello"})
    bad = commit(tmp_path / "bad", {"other.txt": "nothing"})
    rows = [("ANN", "=cmd|' /C calc'!A0", good), ("BOB", "Bob", bad), ("EVE", "Eve", tmp_path / "gone")]
    with (tmp_path / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("student", "name", "url"), *rows])
    return tmp_path


def rows(course: Path) -> list[dict[str, str]]:
    with (course / "evidence" / "small" / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_class_is_measured_judged_and_resumed(course: Path) -> None:
    done = run(course)
    assert (done.status, done.out.partition(";")[0]) == (4, "1 passed, 1 failed, 1 not measured"), done
    ann, bob, eve = rows(course)
    assert (ann["outcome"], ann["points"], ann["required_files"]) == ("passed", "10", "passed")
    assert ann["name"].startswith("'=cmd")
    gradebook = course / "evidence" / "small" / "gradebook.csv"
    assert gradebook.read_bytes().startswith(b"\xef\xbb\xbfstudent,"), "by which a spreadsheet knows UTF-8"
    assert (bob["outcome"], bob["points"]) == ("failed", "0")
    assert eve["outcome"] == "not measured" and "gone" in eve["trouble"]

    evidence = {path: path.read_bytes() for path in (course / "evidence" / "small").glob("*.json")}
    inodes = {path: path.stat().st_ino for path in evidence}
    commit(course / "bad", {"README.md": "now it is there"})
    commit(course / "gone", {"README.md": "found"})
    again = run(course)
    assert (again.status, again.out.partition(";")[0]) == (0, "3 passed")
    kept = {path.name[:3] for path in evidence if path.stat().st_ino == inodes[path]}
    assert kept == {"ANN"}, "the same commit is not measured again, another one is"


def test_only_what_was_made_from_something_else_is_measured_again(course: Path) -> None:
    """The whole contains the part; words of the assignment are no reason."""
    rubric = course / "small.toml"
    rubric.write_text(RUBRIC + "\n[checks.report]\npoints = 0\nrequired = false\n")
    evidence = course / "evidence" / "small"

    def measured(*arguments: str) -> set[str]:
        """The checks of ANN that were measured: those whose measurement names the moment of this run."""
        before = {path: path.read_bytes() for path in evidence.glob("ANN*.json")}
        run(course, *arguments)
        (path,) = evidence.glob("ANN*.json")
        if before.get(path) == path.read_bytes():
            return set()
        old = json.loads(before.get(path, b"{}")).get("made_from", {})
        now = json.loads(path.read_bytes())["made_from"]
        return {name for name in now if now[name] != old.get(name)} or {"as before"}

    assert measured("--static") == {"required_files"}
    assert measured("--static") == set()
    assert measured() == {"report"}, "only files were read before"
    assert measured("--static") == set()
    assert measured("--images", str(course)) == {"as before"}, "more was offered to measure with"
    assert measured() == set()
    rubric.write_text(rubric.read_text() + "\n[checks.english]\npoints = 0\n")
    assert measured() == {"english"}
    rubric.write_text(rubric.read_text().replace('title = "Small"', 'title = "Other words"'))
    assert measured() == set()


def test_a_grade_outlives_the_repository_and_the_network(course: Path) -> None:
    first = run(course)
    before = rows(course)
    (course / "good").rename(course / "moved")
    again = run(course)
    assert "ANN: " in again.err and "what was measured before holds" in again.err
    ann, *rest = rows(course)
    assert ann | {"trouble": ""} == before[0] | {"trouble": ""} and "good" in ann["trouble"]
    assert rest == before[1:]
    (course / "moved").rename(course / "good")
    back = run(course)
    assert (back.out, rows(course)) == (first.out, before)


def test_evidence_of_an_earlier_commit_is_kept_beside_the_new(course: Path) -> None:
    run(course)
    (before,) = (course / "evidence" / "small").glob("BOB*.json")
    content = before.read_bytes()
    commit(course / "bad", {"README.md": "now it is there"})
    done = run(course)
    assert "BOB: failed 0/10 → passed 10/10" in done.err
    (earlier,) = (course / "evidence" / "small" / "earlier").iterdir()
    assert earlier.read_bytes() == content


CRASH = """
import os, sys
from pathlib import Path
import grader.engine
measure_all = grader.engine.measure_all
def wrapped(assignment, submission, *rest):
    if submission.has("crash.txt"):
        os.kill(os.getpid(), 9)
    if submission.has("endless.txt"):
        import time
        time.sleep(1000)
    return measure_all(assignment, submission, *rest)
grader.engine.measure_all = wrapped
"""


def test_a_crash_and_an_endless_run_cost_one_student_each(course: Path) -> None:
    """The grader's own process is broken from inside, as no check could be trusted never to do."""
    (course / "sitecustomize.py").write_text(CRASH)
    crash = commit(course / "crash", {"crash.txt": "", "README.md": "x"})
    endless = commit(course / "endless", {"endless.txt": "", "README.md": "x"})
    with (course / "roster.csv").open("a", newline="") as file:
        csv.writer(file).writerows([("MAX", "Max", crash), ("ZOE", "Zoe", endless)])
    path = os.pathsep.join([str(course), str(Path(__file__).parents[2])])
    (course / "scratch").mkdir()
    subprocess.run(
        [sys.executable, "-m", "grader", *class_command(course, "evidence"), "--seconds", "30", "-j", "2"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path, "TMPDIR": str(course / "scratch")},
    )
    assert not list((course / "scratch").iterdir()), "no repository is left behind"
    by_student = {row["student"]: row for row in rows(course)}
    assert [by_student[name]["outcome"] for name in ("ANN", "BOB")] == ["passed", "failed"]
    assert by_student["MAX"]["trouble"] == "the grader's process ended with status -9"
    assert by_student["ZOE"]["trouble"] == "took more than 30 s"


def test_a_check_that_is_cancelled_leaves_nothing_behind(course: Path) -> None:
    """A CI server ends a job with SIGTERM."""
    (course / "sitecustomize.py").write_text(CRASH)
    (course / "scratch").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "check", str(commit(course / "endless", {"endless.txt": ""})),
         "--assignment", str(course / "small.toml")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(course), str(Path(__file__).parents[2])]),
                          "XDG_CACHE_HOME": str(course / "cache"), "TMPDIR": str(course / "scratch")},
    )  # fmt: skip
    for _ in range(300):
        if list(course.glob("scratch/grader-*/repository/objects/pack/*.idx")):
            break
        time.sleep(0.1)
    else:
        pytest.fail("it did not begin")
    process.terminate()
    assert process.wait(30) == 143
    assert not list((course / "scratch").iterdir())


def test_who_is_measured_again_after_a_loss_and_who_is_given_up(course: Path) -> None:
    """One in company, then alone; several suspects in halves; the others together."""
    due = assignment.load(course / "small.toml")
    ann, bob, eve, max_, zoe = (
        Wanted(
            member=Member(name, ""),
            request=Request(url="", assignment=""),
            assignment=due,
            place=Place(Path(name)),
        )
        for name in ("ANN", "BOB", "EVE", "MAX", "ZOE")
    )
    tries: Counter[Place] = Counter()
    everybody = (ann, bob, eve, max_, zoe)
    assert again(following.Ended(everybody, everybody), tries, 2) == ([(ann, bob), (eve, max_, zoe)], ())
    assert again(following.Ended(everybody), tries, 2) == ([(ann, bob), (eve, max_, zoe)], ())
    assert not tries, "nobody was alone"
    assert again(following.Ended((bob, eve, zoe), (bob,)), tries, 2) == ([[eve, zoe], (bob,)], ())
    assert again(following.Ended((bob,), (bob,)), tries, 2) == ([], (bob,))
    assert again(following.Ended(), tries, 2) == ([], ())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--runner", "ray://localhost:1"], "nobody answers at ray://localhost:1: Connection refused"),
     (["--runner", "ray://localhost"], "'ray://localhost' is no address of a cluster: ray://HOST:PORT"),
     (["--runner", "slurm"], "--runner slurm is none of: here, ray, ray://HOST:PORT"),
     (["--gpus", "0.5"], "--gpus is a share that a cluster gives"),
     (["--gpus", "2"], "'2' is no share of a GPU: from 0 to 1"),
     (["-j", "0"], "'0' is no number of batches: 1 or more")],
)  # fmt: skip
def test_where_nothing_can_be_measured_one_sentence_says_why(
    course: Path, arguments: list[str], words: str
) -> None:
    done = run(course, *arguments)
    assert done.status == 2
    assert words in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\\x09=1"),
     ("ok", "ok"), ("ABC123", "ABC123")],
)  # fmt: skip
def test_no_cell_is_a_formula(cell: str, written: str) -> None:
    assert separated.guarded(cell) == written
