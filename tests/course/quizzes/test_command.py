"""`grader quiz ...` on the command line."""

import json
from pathlib import Path

import pytest

from grader.cli import main
from tests import quiz_example as example
from tests.quiz_example import QUIZ, RIGHT
from tests.repository.building import commit


def test_lint_tells_file_line_question_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = example.write(tmp_path / "good")
    bad = example.write(tmp_path / "bad", QUIZ.replace('correct = "fgt"', 'correct = "fog"'))
    assert main(["quiz", "lint", str(good), str(bad / "quiz.toml")]) == 2
    printed = capsys.readouterr()
    assert printed.out == f"{good}/quiz.toml: Gates and gradients: 7 questions, 10 points\n"
    assert printed.err == (
        f"{bad}/quiz.toml:12: forget-gate: correct names 'fog', which is no choice; did you mean fgt?\n"
    )


def test_build_says_what_it_wrote_and_what_kahoot_cannot_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["quiz", "build", str(example.write(tmp_path / "trial")), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert [Path(line).relative_to(out).as_posix() for line in printed.out.splitlines()] == [
        "release/trial/trial.ipynb",
        "release/trial.pdf",
        "source/trial/trial.ipynb",
        "private/trial-key.pdf",
        "private/trial.kahoot.xlsx",
    ]
    assert "count, decay, name-it, why-bias" in printed.err


def test_what_is_no_quiz_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", "build", "hw4", "--out", str(tmp_path)]) == 2
    assert "has no quiz.toml: it is no quiz" in capsys.readouterr().err


def graded(folder: Path, book: dict[str, object]) -> tuple[str, str]:
    """A repository with these answers, and an assignment that was due long ago."""
    due = example.write(folder / "trial")
    with (due / "assignment.toml").open("a") as file:
        file.write('\n[checks.deadline]\nat = "2020-11-10 23:59"\nzone = "Europe/Budapest"\n')
    commit(folder / "homework", {"quizzes/trial.ipynb": json.dumps(book)}, "2020-11-09T12:00:00+01:00")
    return str(folder / "homework"), str(due)


def test_from_a_repository_to_a_verdict_with_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """7 points of 10 are certain: everything but the text."""
    homework, due = graded(tmp_path, example.answered({**RIGHT, "count": "129"}, "It is open."))
    saved = str(tmp_path / "evidence.json")
    assert main(["check", homework, "--assignment", due, "--evidence", saved]) == 4
    assert "INCONCLUSIVE  6-9/10 points" in capsys.readouterr().out
    main(["judge", saved, "--reveal"])
    assert "count: wrong, 0 of 1 points; right is 128 (parameters)" in capsys.readouterr().out


def test_a_class_is_not_told_the_key_while_one_of_it_has_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homework, due = graded(tmp_path, example.answered(RIGHT, "It is open."))
    (tmp_path / "roster.csv").write_text(f"student,url,trial\nABC123,{homework},2999-01-01 12:00\n")
    command = ["class", str(tmp_path / "roster.csv"), "--assignment", due]
    assert main([*command, "--evidence-dir", str(tmp_path / "evidence"), "--reveal"]) == 2
    assert "trial is due at 2999-01-01 12:00: nothing is revealed" in capsys.readouterr().err
