"""nbgrader itself: it releases what we release, grades as we do, and shows what we write."""

import json
import shutil
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from grader import assignment
from grader.checks.quiz import Loaded
from grader.cli import main
from grader.course import decisions, kept
from grader.course.decisions import applying
from grader.course.nbgrader import gradebook_file, grades
from grader.course.nbgrader import scores as nbgrader_scores
from grader.course.nbgrader.scores import Entry
from grader.course.quizzes import building, for_nbgrader, notebook
from grader.course.quizzes.saved import Graded
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence, Measured, Outcome
from grader.reading import quizzes
from grader.reading.quizzes import Answers
from tests import quiz_example as example
from tests.course.quizzes import round_trip
from tests.quiz_example import PICTURE, RIGHT

PICTURES = {"cell.png": PICTURE}
# Metadata that nbgrader adds when it releases: of the cell's type, and a sum over its content.
ADDED = {"checksum", "cell_type"}
# Honest answers: some right, some wrong, some left out.
STUDENTS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "AAA111": (RIGHT, "It is open."),
    "BBB222": (
        {"forget_gate": '"inp"', "gates": '["inp", "fgt"]', "count": "127", "name_it": '"Vanishing."'},
        "",
    ),
    "CCC333": ({"gates": '["inp", "fgt", "out", "cand"]', "exactly": '["tanh"]', "decay": "0.1166"}, "?"),
}


def graded(student: str, answers: Mapping[str, str], text: str) -> Graded:
    quiz = example.quiz()
    book = json.dumps(example.answered(answers, text)).encode()
    found = Answers("quizzes/trial.ipynb", quizzes.read(book, quiz))
    return Graded(student, Loaded(quiz=quiz).results(found), "2020-11-10T22:14:03+01:00")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Jupyter's own files lie in a folder of the tests; nothing is said of nbgrader's use of SQLAlchemy."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("HOME", str(folder))
        patch.setenv("PATH", "/usr/bin:/bin")  # as from a timer: no `alembic` on it
        yield folder


@pytest.fixture(scope="module")
def empty(home: Path) -> Path:
    """A gradebook that we made, with nothing in it: it takes seconds, so it is made once."""
    folder = home / "empty"
    folder.mkdir()
    with gradebook_file.opened(folder):
        pass
    return folder / "gradebook.db"


@pytest.fixture
def fresh(tmp_path: Path, empty: Path) -> Path:
    shutil.copy(empty, tmp_path)
    return tmp_path


def api(folder: Path) -> Any:
    """nbgrader's commands, as its own pages call them."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
    return NbGraderAPI(config=config)


def done(said: Mapping[str, Any]) -> None:
    assert said["success"], said.get("error")


@pytest.fixture(scope="module")
def course(home: Path, empty: Path) -> Path:
    """A course in which nbgrader released the quiz, took in three students, and graded them."""
    folder = home / "course"
    building.write(building.files(example.quiz(), PICTURES), folder)
    shutil.copy(empty, folder)
    shutil.move(folder / "release", folder / "ours")
    for student, (answers, text) in STUDENTS.items():
        submitted = folder / "submitted" / student / "trial"
        submitted.mkdir(parents=True)
        (submitted / "trial.ipynb").write_text(json.dumps(example.answered(answers, text)))
    nbgrader = api(folder)
    done(nbgrader.generate_assignment("trial"))
    for student in STUDENTS:
        done(nbgrader.autograde("trial", student, create=True))
    return folder


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    for cell in found:
        for added in ADDED:
            cell["metadata"].get("nbgrader", {}).pop(added, None)
    return found


def test_nbgrader_releases_what_we_release(course: Path) -> None:
    theirs, ours = course / "release/trial/trial.ipynb", course / "ours/trial/trial.ipynb"
    assert cells(theirs) == cells(ours)
    without = [json.loads(path.read_text()) | {"cells": []} for path in (theirs, ours)]
    assert without[0] == without[1]


def scores(database: Path) -> dict[tuple[str, str], tuple[float | None, float | None, bool]]:
    """What the database holds: automatic and manual score, and whether a person is asked."""
    query = """
        select student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
        from grade join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        join student on student.id = submitted_assignment.student_id"""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(query).fetchall()
    return {(student, cell): (auto, manual, bool(needs)) for student, cell, auto, manual, needs in rows}


def expected() -> dict[tuple[str, str], tuple[float | None, float | None, bool]]:
    found: dict[tuple[str, str], tuple[float | None, float | None, bool]] = {}
    for student, (answers, text) in STUDENTS.items():
        for result in graded(student, answers, text).results:
            least, most = result.points
            open_end = least != most
            found[student, result.question.id] = (None if open_end else pytest.approx(least), None, open_end)
    return found


def test_nbgrader_grades_honest_work_as_we_do(course: Path) -> None:
    found = scores(course / "gradebook.db")
    assert found == expected()
    assert found["BBB222", "gates"][0] == pytest.approx(4 / 3)


def write(folder: Path, reveal: bool = False) -> int:
    everybody = [graded(student, *answers) for student, answers in STUDENTS.items()]
    return nbgrader_scores.write(folder, for_nbgrader.of_graded(example.quiz(), PICTURES, everybody, reveal))


def test_a_second_time_changes_nothing(fresh: Path) -> None:
    assert write(fresh) == 21 - 2  # of two texts a person decides: they had no score, and have none
    assert scores(fresh / "gradebook.db") == expected()
    before = dump(fresh / "gradebook.db"), (fresh / "autograded/AAA111/trial/trial.ipynb").read_bytes()
    assert write(fresh) == 0
    after = dump(fresh / "gradebook.db"), (fresh / "autograded/AAA111/trial/trial.ipynb").read_bytes()
    assert before == after


def test_being_late_costs_what_the_deadline_says(fresh: Path) -> None:
    """7 points for all but the text and 3 by hand for it; a quarter of them is nbgrader's penalty."""
    late = replace(graded("AAA111", *STUDENTS["AAA111"]), penalty=25)
    for _ in range(2):
        nbgrader_scores.write(fresh, for_nbgrader.of_graded(example.quiz(), PICTURES, [late]))
        with gradebook_file.opened(fresh) as gradebook:
            gradebook.find_grade("why-bias", "trial", "trial", "AAA111").manual_score = 3
            gradebook.db.commit()
            (submission,) = gradebook.assignment_submissions("trial")
            found = submission.score, submission.late_submission_penalty
    assert found == (10, 2.5)


def entry(student: str) -> Entry:
    return for_nbgrader.entry(graded(student, *STUDENTS[student]), example.quiz(), PICTURES)


def dump(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        return list(connection.iterdump())


def test_nbgrader_can_release_and_grade_after_us(fresh: Path) -> None:
    """The cells that we made in its database are those that its own command makes."""
    write(fresh)
    building.write(building.files(example.quiz(), PICTURES), fresh)
    shutil.rmtree(fresh / "release")
    done(api(fresh).generate_assignment("trial"))
    assert scores(fresh / "gradebook.db") == expected()


def test_feedback_of_nbgrader_shows_our_scores_and_words(fresh: Path) -> None:
    write(fresh)
    page = feedback(fresh, "CCC333")
    assert "partly right: 1.33333 of 2" in page
    assert "Gers" not in page and "HIDDEN" not in page
    write(fresh, reveal=True)
    assert "right is 128 (parameters)" in feedback(fresh, "CCC333")


def feedback(folder: Path, student: str) -> str:
    done(api(folder).generate_feedback("trial", student, force=True))
    return (folder / f"feedback/{student}/trial/trial.html").read_text()


def test_what_a_student_wrote_is_text_on_the_page_of_the_instructor(fresh: Path) -> None:
    evil = "<script>alert(1)</script> <img src=x onerror=alert(2)>"
    answers = {**RIGHT, "name_it": f'"{evil}"'}
    sheet = for_nbgrader.of_graded(example.quiz(), PICTURES, [graded("AAA111", answers, evil)])
    nbgrader_scores.write(fresh, sheet)
    page = feedback(fresh, "AAA111")
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;" in page


def test_manual_grades_come_back_and_are_never_written_over(fresh: Path) -> None:
    write(fresh)
    with gradebook_file.opened(fresh) as gradebook:
        text = gradebook.find_grade("why-bias", "trial", "trial", "AAA111")
        text.manual_score, text.needs_manual_grade = 2.5, False
        gradebook.find_comment("why-bias", "trial", "trial", "AAA111").manual_comment = "nearly"
        gradebook.find_grade("forget-gate", "trial", "trial", "BBB222").extra_credit = 1
        gradebook.db.commit()
    write(fresh)
    assert scores(fresh / "gradebook.db")["AAA111", "why-bias"] == (None, 2.5, False)
    given = grades.read(fresh, "trial")
    assert set(given) == {"AAA111", "BBB222"}
    decided = grades.decide(entry("AAA111"), given["AAA111"], 20)
    assert (decided.points, decided.open) == (pytest.approx(19), ())  # 9.5 of 10, where 20 are given
    assert (decided.outcome, decided.because) == ("passed", "in formgrader: why-bias 2.5 points (nearly)")
    assert grades.decide(entry("AAA111"), given["AAA111"], 20, enough=0.96).outcome == "failed"
    half = grades.decide(entry("CCC333"), given["BBB222"], 10)
    assert half.open == ("why-bias",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("create table student (id text)", "is half made"),
        (None, "is no database of nbgrader"),
    ],
)
def test_a_database_that_is_none_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "gradebook.db"
    if content:
        with sqlite3.connect(path) as connection:
            connection.execute(content)
    else:
        path.write_text("no database, but long enough to be read as one " * 20)
    with pytest.raises(GraderError, match=said):
        write(tmp_path)


def test_a_half_made_database_is_what_nbgrader_leaves_without_alembic(tmp_path: Path) -> None:
    from nbgrader.api import Gradebook

    with pytest.raises(FileNotFoundError, match="alembic"):
        Gradebook(f"sqlite:///{tmp_path}/gradebook.db")
    with pytest.raises(GraderError, match="is half made"):
        write(tmp_path)


def test_another_quiz_in_the_gradebook_is_refused(fresh: Path) -> None:
    write(fresh)
    other = example.quiz(example.QUIZ.replace("points = 2", "points = 4"))
    with pytest.raises(GraderError, match="has other questions or points: gates;"):
        nbgrader_scores.write(fresh, for_nbgrader.of_graded(other, PICTURES, []))


@pytest.mark.parametrize("student", ["..", "a/b", "", "-x", "a b"])
def test_a_student_is_a_folder(fresh: Path, student: str) -> None:
    with pytest.raises(GraderError, match="cannot be a student in nbgrader"):
        nbgrader_scores.write(fresh, for_nbgrader.of_graded(example.quiz(), PICTURES, [Graded(student, ())]))
    assert [path.name for path in fresh.iterdir()] == ["gradebook.db"]


def test_the_assignment_of_a_quiz_is_found_by_its_folder(tmp_path: Path) -> None:
    due = assignment.load(example.write(tmp_path / "trial") / "assignment.toml")
    assert isinstance(due.criteria[0].check, Loaded)
    assert notebook.release(due.criteria[0].check.quiz, PICTURES)


def test_the_command_writes_scores_and_takes_decisions_back(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From saved evidence to the gradebook; a person grades there; the verdict is the person's."""
    due = assignment.load(example.write(fresh / "trial") / "assignment.toml")
    for student in ("AAA111", "BBB222"):
        evidence = Evidence(
            grader="0",
            assignment=str(fresh / "trial"),
            url="u",
            student=student,
            commit=None,
            measurements={"quiz": Measured(to_builtins(answers(student)))},
        )
        evidence_file.save(kept.place(fresh / "evidence/trial", student).path, evidence)
    course = str(fresh / "evidence/trial")
    made = fresh / "evidence/decisions.toml"
    command = ["nbgrader", course, "--course", str(fresh), "--decisions", str(made), "--by", "Ada"]
    assert main(command) == 0
    assert "2 students, 13 scores changed" in capsys.readouterr().out
    with gradebook_file.opened(fresh) as gradebook:
        text = gradebook.find_grade("why-bias", "trial", "trial", "AAA111")
        text.manual_score, text.needs_manual_grade = 3, False
        # 1 for the name, 4/3 for the gates and 1 more: 10/3, which no file holds to the last digit.
        gradebook.find_grade("count", "trial", "trial", "BBB222").extra_credit = 1
        gradebook.db.commit()
    assert main(command) == main(command) == 0
    decision, other = decisions.read(made)
    assert (decision.student, decision.points, decision.by) == ("AAA111", 10, "Ada")
    assert (other.student, other.points, other.outcome) == ("BBB222", 3.333333, "failed")
    saved = evidence_file.load(kept.place(fresh / "evidence/trial", "AAA111").path)
    verdict = applying.judge(due, saved, (decision,))
    assert (verdict.outcome, verdict.points.min) == (Outcome.PASSED, 10)


def answers(student: str) -> Answers:
    book = json.dumps(example.answered(*STUDENTS[student])).encode()
    return Answers("quizzes/trial.ipynb", quizzes.read(book, example.quiz()))


def test_a_round_trip_loses_nothing(fresh: Path) -> None:
    """Answers, our points and a person's of a class, through nbgrader's database and back."""
    found = round_trip.quiz(10)
    sent = round_trip.drawn(found, 12)
    assert round_trip.there(fresh, found, sent) == 0
    assert round_trip.back(fresh, found) == sent
    assert round_trip.totals(fresh, found) == pytest.approx(round_trip.expected_totals(sent))
