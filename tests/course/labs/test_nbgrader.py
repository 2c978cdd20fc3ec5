"""nbgrader itself: it takes a lab's source, gives the solution all points, and shows what we write."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import to_builtins

from grader.cli import main
from grader.course import kept
from grader.course.labs import building
from grader.ground import evidence_file
from grader.ground.verdict import Commit, Evidence, Measured, Measurement, Unfit, error
from grader.running.labs import LabRun
from grader.workers.lab_messages import Answered, Compared, Quantity
from tests.course.quizzes.test_nbgrader import ADDED, api, done, scores
from tests.running.labs.conftest import LABS, check

# What SQLAlchemy says of nbgrader's tables.
pytestmark = pytest.mark.filterwarnings("ignore")
MISTAKE = "no gradient is carried <b>back</b>"


def run(*calls: Answered, raised: str = "") -> LabRun:
    """How somebody answered the two calls of a small exam."""
    return LabRun(
        path="labs/l1.py",
        starts=(),
        seed=1,
        asked=("rnn_forward", "rnn_backward"),
        ended="",
        seconds=0.1,
        compared=Compared(raised=raised, line=3 if raised else 0, calls=calls),
    )


def answered(function: str, off: float) -> Answered:
    quantity = Quantity("dWhh", (4, 4), off=off, first=(0, 1), wrong=7 * (off > 0))
    return Answered(
        function,
        "2 steps",
        12,
        quantities=(quantity,),
        known=("it",) * (off > 0),
        mistakes=(MISTAKE,) * (off > 0),
    )


FORWARD = answered("rnn_forward", 0.0)
CLASS: dict[str, Measurement] = {
    "AAA111": Measured(to_builtins(run(FORWARD, answered("rnn_backward", 0.0)))),
    "BBB222": Measured(to_builtins(run(FORWARD, answered("rnn_backward", 0.5)))),
    "CCC333": Measured(to_builtins(run(raised="SyntaxError: no"))),
    "DDD444": Unfit(error("labs/l1.py or labs/l1.ipynb is not in the commit")),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Evidence of four students, and nbgrader's folder beside it, with our source and no database."""
    folder = tmp_path_factory.mktemp("course")
    for student, measured in CLASS.items():
        commit = Commit("c0ffee" * 6 + "abcd", "2020-11-10T22:14:03+01:00", "", "")
        evidence = Evidence(
            grader="0",
            assignment="l1",
            url="u",
            student=student,
            commit=commit,
            measurements={"lab": measured},
        )
        evidence_file.save(kept.place(folder / "evidence/l1", student).path, evidence)
    asked = check("l1")
    for path, text in building.files("l1", building.parts(LABS / "l1", asked, 10), asked).items():
        place = folder / path.replace("release/", "ours/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setenv("PATH", "/usr/bin:/bin")
        yield folder


def test_a_class_goes_into_its_gradebook(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["nbgrader", str(course / "evidence"), "--assignment", "l1", "--course", str(course)]
    assert main(command) == 4
    printed = capsys.readouterr()
    assert printed.out == f"3 students, 6 scores changed in {course / 'gradebook.db'}\n"
    assert "labs/l1.py or labs/l1.ipynb is not in the commit" in printed.err
    expected = {
        (student, f"{name}-tests"): (points, None, False)
        for student, reached in (("AAA111", (5, 5)), ("BBB222", (5, 0)), ("CCC333", (0, 0)))
        for name, points in zip(("rnn_forward", "rnn_backward"), reached, strict=True)
    }
    assert scores(course / "gradebook.db") == expected
    before = sources(course)
    main(command)
    assert "3 students, 0 scores changed" in capsys.readouterr().out

    nbgrader = api(course)
    done(nbgrader.generate_assignment("l1"))
    assert sources(course) == before, "the cells that we made are those that its own command makes"
    assert scores(course / "gradebook.db") == expected
    done(nbgrader.generate_feedback("l1", "BBB222", force=True))
    page = (course / "feedback/BBB222/l1/l1.html").read_text()
    assert "rnn_backward: dWhh (4x4) differs in 7 of 16 numbers, first at [0, 1], by up to 0.5" in page
    assert "no gradient is carried &lt;b&gt;back" in page and "labs/l1.py of commit c0ffeec0ffee" in page
    assert "HIDDEN" not in page and "np.reshape" not in page


def sources(course: Path) -> list[tuple[str, ...]]:
    query = """select base_cell.name, source_cell.cell_type, source, locked, checksum from source_cell
        join base_cell on base_cell.id = source_cell.id order by base_cell.name"""
    with sqlite3.connect(course / "gradebook.db") as connection:
        return connection.execute(query).fetchall()


def test_it_releases_what_we_release_and_gives_the_solution_all_points(course: Path) -> None:
    nbgrader = api(course)
    done(nbgrader.generate_assignment("l1", force=True))
    handed_in = course / "submitted" / "EEE555" / "l1"
    handed_in.mkdir(parents=True)
    shutil.copy(course / "source" / "l1" / "l1.ipynb", handed_in)
    done(nbgrader.autograde("l1", "EEE555", create=True))
    found = scores(course / "gradebook.db")
    assert [found["EEE555", f"rnn_{way}ward-tests"][0] for way in ("for", "back")] == [5, 5]
    theirs, ours = (json.loads((course / way / "l1" / "l1.ipynb").read_text()) for way in ("release", "ours"))
    for one, other in zip(theirs["cells"], ours["cells"], strict=True):
        known = {key: value for key, value in one["metadata"]["nbgrader"].items() if key not in ADDED}
        assert known == other["metadata"]["nbgrader"]
        assert "".join(one["source"]).rstrip() == "".join(other["source"]).rstrip()
