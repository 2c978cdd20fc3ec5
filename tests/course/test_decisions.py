"""Decisions of persons: what they change, what they are bound to, and that nothing else changes a verdict."""

import csv
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader import assignment, intake
from grader.assignment import Assignment
from grader.cli import main
from grader.course import decisions
from grader.course.decisions import Decision, applying, binding
from grader.ground.errors import GraderError
from grader.ground.verdict import Commit, Evidence, Measured, Outcome, Points, Unmeasured
from grader.intake import Request
from grader.submission import Surroundings
from tests.repository.building import commit, git

RUBRIC = """\
schema = 1
id = "small"
title = "Small"
points = 30

[checks.required_files]
points = 10
paths = ["README.md"]

[checks.english]
points = 20
"""
README = Measured({"type": "declared", "present": {"README.md": 5}, "absent": []})


@pytest.fixture
def due(tmp_path: Path) -> Assignment:
    (tmp_path / "small.toml").write_text(RUBRIC)
    return assignment.load(tmp_path / "small.toml")


EVIDENCE = Evidence(
    grader="1",
    assignment="small",
    url="https://example.org/ann",
    student="ANN",
    commit=Commit("a" * 40, "2020-11-10T12:00:00+01:00", "main", ""),
    measurements={"required_files": README, "english": Unmeasured("no words here")},
)


DATED = (
    RUBRIC
    + """
[checks.deadline]
at = "2020-11-10 23:59"
zone = "UTC"
policy.claimed_in_time = "{}"
"""
)


def decided(check: str = "", **what: object) -> Decision:
    told = {"time": "2020-11-12T08:00:00Z", "by": "Dr. B", "student": "ANN", "assignment": "small"}
    return Decision(**told, check=check, because="I read it", **what)  # type: ignore[arg-type]


def test_an_inconclusive_check_is_decided(due: Assignment) -> None:
    before = applying.judge(due, EVIDENCE, ())
    assert (before.outcome, before.points) == (Outcome.INCONCLUSIVE, Points(10, 30, 30))
    made = decided("english", points=15, evidence=binding.digest(due, EVIDENCE, "english"))
    after = applying.judge(due, EVIDENCE, (made,))
    assert (after.outcome, after.points) == (Outcome.PASSED, Points(25, 25, 30))
    result = after.results[1]
    assert result.findings[0].message == "Decided by Dr. B on 2020-11-12: I read it."
    assert result.decided is not None
    assert result.decided.what == "passed, 15/20 instead of inconclusive, 0-20/20"
    assert after.results[0] == before.results[0]


def test_an_outcome_is_overruled_in_both_directions(due: Assignment) -> None:
    fail = applying.judge(due, EVIDENCE, (decided("required_files", outcome="failed"),))
    assert (fail.outcome, fail.results[0].points) == (Outcome.FAILED, Points(0, 0, 10))
    passed = applying.judge(due, EVIDENCE, (decided("english", outcome="passed"),))
    assert (passed.outcome, passed.points) == (Outcome.PASSED, Points(30, 30, 30))


def test_other_evidence_makes_it_a_range_until_somebody_looks_again(due: Assignment) -> None:
    made = decided("required_files", points=4, evidence=binding.digest(due, EVIDENCE, "required_files"))
    assert applying.judge(due, EVIDENCE, (made,)).results[0].points == Points(4, 4, 10)
    pushed = replace(EVIDENCE, commit=Commit("b" * 40, "2020-11-11T12:00:00+01:00", "main", ""))
    again = applying.judge(due, pushed, (made,))
    assert (again.results[0].outcome, again.results[0].points) == (Outcome.INCONCLUSIVE, Points(4, 10, 10))
    assert applying.open_again(again)
    assert "other evidence than there is now" in again.results[0].findings[0].message


@pytest.mark.parametrize(
    ("effect", "decision", "counts", "points"),
    [("accept", None, "yes", (10, 30)),
     ("accept", "failed", "no", (0, 0)),
     ("refuse", None, "no", (0, 0)),
     ("refuse", "passed", "yes", (10, 30)),
     ("review", "passed", "yes", (10, 30)),
     ("review", "failed", "no", (0, 0))],
)  # fmt: skip
def test_a_word_on_the_deadline_takes_the_place_of_the_ruling(
    tmp_path: Path, effect: str, decision: str | None, counts: str, points: tuple[float, float]
) -> None:
    (tmp_path / "small.toml").write_text(DATED.format(effect))
    due = assignment.load(tmp_path / "small.toml")
    folder = commit(tmp_path / "ann", {"README.md": "hello"})
    request = Request(url=str(folder), assignment="small", static=True)
    found = intake.collect(request, due, Surroundings(scratch=tmp_path, cache=tmp_path))
    found = replace(found, measurements={**EVIDENCE.measurements, "deadline": found.measurements["deadline"]})
    made = (decided("deadline", outcome=decision),) if decision else ()
    verdict = applying.judge(due, found, made)
    assert (verdict.counts, bool(verdict.commit)) == (counts, counts == "yes")
    assert verdict.points == Points(*points, 30)
    if decision:
        old = (replace(made[0], evidence="another"),)
        again = applying.judge(due, found, old)
        assert (again.counts, again.points, again.outcome) == (
            "open",
            Points(0, 30, 30),
            Outcome.INCONCLUSIVE,
        )


def test_a_commit_that_a_person_chose_and_an_extension_for_a_team(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit before the deadline has no README, the one after it has: chosen, taken back, extended."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = commit(tmp_path / "team", {"train.py": "pass\n"})
    late = git(commit(folder, {"README.md": "hello"}, "2020-11-12T12:00:00+0000"), "rev-parse", "HEAD")
    (tmp_path / "small.toml").write_text(DATED.format("accept"))
    (tmp_path / "roster.csv").write_text(f"student,url\nANN,{folder}\nBOB,{folder}\n")
    about = ["--assignment", str(tmp_path / "small.toml"), "--evidence-dir", str(tmp_path / "course")]
    decide = ["decide", "ANN", *about, "--by", "Dr. B", "--because", "ill"]

    def graded() -> list[tuple[str, str, str]]:
        assert main(["class", str(tmp_path / "roster.csv"), *about, "--static"]) == 0
        with (tmp_path / "course" / "small" / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
            return [(row["commit"], row["outcome"], row["required_files"]) for row in csv.DictReader(file)]

    ann, bob = graded()
    assert ann == bob == (ann[0], "failed", "failed") and ann[0] != late[:12]
    assert main([*decide, "--commit", late[:7]]) == 0
    assert graded() == [(late[:12], "passed", "passed"), bob], "one student's commit, and nobody else's"
    assert main([*decide, "--withdraw"]) == 0
    assert graded() == [ann, bob]
    assert main([*decide, "--extend", "2020-11-13 23:59"]) == 0
    assert graded() == [(late[:12], "passed", "passed")] * 2, "a team has one repository and one deadline"
    assert main([*decide, "--commit", "newest"]) == 2


@pytest.mark.parametrize("command", ["course", "gradebook", "send", "decide"])
def test_a_folder_that_is_not_there_is_told_and_not_made(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "roster.csv").write_text("student,url\nANN,u\n")
    whom = ["ANN", "--excuse", "--because", "ill"] if command == "decide" else [str(tmp_path / "roster.csv")]
    assert main([command, *whom, "--evidence-dir", str(tmp_path / "cuorse")]) == 2
    assert "cuorse: no such folder; grader class makes it" in capsys.readouterr().err
    assert not (tmp_path / "cuorse").exists()


def test_the_reason_may_stay_with_the_course(due: Assignment) -> None:
    told = applying.judge(due, EVIDENCE, (decided("english", points=1, private=True),))
    assert "I read it" not in str(told)
    assert "the reason is kept by the course" in told.results[1].findings[0].message


def test_the_last_decision_holds_until_it_is_withdrawn(tmp_path: Path) -> None:
    file = tmp_path / decisions.NAME
    rows = [decided("english", points=0), decided("english", points=6.666667), decided(excused=True)]
    for row in [*rows, replace(decided("english", points=9), student="BOB")]:
        decisions.add(file, row)
    assert decisions.read(file)[:3] == tuple(rows)
    assert decisions.of(decisions.read(file), "ANN", "small") == (rows[1], rows[2])
    decisions.add(file, decided("english", withdrawn=True))
    assert decisions.of(decisions.read(file), "ANN", "small") == (rows[2],)
    decisions.add(file, decided(withdrawn=True))
    assert decisions.of(decisions.read(file), "ANN", "small") == ()
    assert len(decisions.read(file)) == 6, "nothing is taken away"


@pytest.mark.parametrize(
    "reason", ['"quoted" \\ back', "two\nlines\ttab", "Árvíztűrő 𝔘", "\x7f\x85 control", "'''"]
)
def test_any_reason_survives_the_file(tmp_path: Path, reason: str) -> None:
    file = tmp_path / decisions.NAME
    decisions.add(file, replace(decided(excused=True), because=reason))
    assert tomllib.loads(file.read_text())["decisions"][0]["because"] == reason
    assert decisions.read(file)[0].because == reason


@pytest.mark.parametrize(
    ("made", "words"),
    [(decided("english"), "it decides nothing"),
     (decided(points=3), "points and outcome are those of a check"),
     (decided("english", excused=True), "excused is about the whole assignment, not about english"),
     (decided(excused=True, deadline="2020-11-12 23:59"), "are two decisions"),
     (decided("english", outcome="blocked"), "outcome is passed or failed"),
     (decided("english", points=-1.0), "points are a number from 0"),
     (replace(decided(excused=True), because=" "), "it says no reason")],
)  # fmt: skip
def test_what_is_no_decision_is_refused_before_it_is_written(
    tmp_path: Path, made: Decision, words: str
) -> None:
    with pytest.raises(GraderError, match=words):
        decisions.add(tmp_path / decisions.NAME, made)
    assert not (tmp_path / decisions.NAME).exists()
