"""Notebooks that deceive nbgrader or stop it: here each is worth exactly what its literal answers are."""

import copy
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader import assignment, engine
from grader.ground.verdict import Points
from tests import quiz_example as example
from tests.conftest import Make
from tests.quiz_example import RIGHT

Book = dict[str, Any]

HALF = {
    "forget_gate": '"fgt"', "gates": '["inp", "fgt"]', "exactly": '["tanh"]', "count": "127", "decay": "0.12",
    "name_it": '"exploding"',
}  # fmt: skip
WRONG = {
    "forget_gate": '"inp"', "gates": '["cand"]', "exactly": '["relu"]', "count": "1", "decay": "1",
    "name_it": '"exploding"',
}  # fmt: skip

# Points by hand: one for each of gate, count, decay and name; two for the gates, a third
# of them for each right one; one for both activations, else none. The text is left empty.
WORTH = [(RIGHT, 7.0), (HALF, 1 + 4 / 3 + 0 + 0 + 1 + 0), (WRONG, 0.0)]

TRANSFORMER = """\
from pathlib import Path
Path("it-ran").touch()
def nothing(lines):
    return ["pass\\n"]
get_ipython().input_transformers_post.append(nothing)
"""
GRADEBOOK = """\
import sqlite3
from pathlib import Path
Path("it-ran").touch()
for folder in (".", "..", "../..", "../../.."):
    try:
        database = sqlite3.connect(f"{folder}/gradebook.db")
        print(database.execute("select source from source_cell").fetchall())
        database.execute("update grade_cells set max_score = 100")
        database.commit()
    except sqlite3.Error:
        pass
"""
EXIT = 'from pathlib import Path\nPath("it-ran").touch()\nimport os\nos._exit(0)\n'
LOOP = 'from pathlib import Path\nPath("it-ran").touch()\nwhile True:\n    pass\n'


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "source": source}


def first(source: str) -> Callable[[Book], None]:
    """A cell of the student's before all others."""
    return lambda book: book["cells"].insert(0, code(source))


def graded_cells(book: Book) -> list[dict[str, Any]]:
    """The locked cells below answers, which nbgrader grades."""
    said = (each["metadata"].get("nbgrader", {}) for each in book["cells"])
    return [
        cell
        for cell, about in zip(book["cells"], said, strict=True)
        if about.get("grade") and not about["solution"]
    ]


def rewrite_tests(book: Book) -> None:
    for cell in graded_cells(book):
        cell["source"] = "1"


def delete_tests(book: Book) -> None:
    gone = [cell["id"] for cell in graded_cells(book)]
    book["cells"] = [cell for cell in book["cells"] if cell["id"] not in gone]


def markdown_for_tests(book: Book) -> None:
    for cell in graded_cells(book):
        cell["cell_type"] = "markdown"


def markdown_for_code(book: Book) -> None:
    """Tests and answers."""
    for cell in book["cells"]:
        cell["cell_type"] = "markdown"


def double_ids(book: Book) -> None:
    """Each cell twice, so each `grade_id` is there twice; the copies of answers are equal."""
    book["cells"] += copy.deepcopy(book["cells"])


def raise_points(book: Book) -> None:
    for cell in graded_cells(book):
        cell["metadata"]["nbgrader"]["points"] = 100


CHEATS: Mapping[str, Callable[[Book], None]] = {
    "input transformer": first(TRANSFORMER),
    "gradebook writer": first(GRADEBOOK),
    "os._exit": first(EXIT),
    "endless loop": first(LOOP),
    "duplicated id": double_ids,
    "markdown for tests": markdown_for_tests,
    "markdown for code": markdown_for_code,
    "deleted tests": delete_tests,
    "rewritten tests": rewrite_tests,
    "raised points": raise_points,
}


@pytest.fixture
def points(submit: Make, tmp_path: Path) -> Callable[[Book], Points]:
    """What the check gives a notebook that was handed in."""
    due = assignment.load(example.write(tmp_path / "trial") / "assignment.toml")

    def of(book: Book) -> Points:
        submission = submit({"quizzes/trial.ipynb": json.dumps(book)})
        return engine.judge(due, example.evidence(due, submission)).points

    return of


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of that name and table, within the reach of what would run here."""
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    path = tmp_path / "gradebook.db"
    with sqlite3.connect(path) as database:
        database.execute("create table source_cell (source text)")
        database.execute("create table grade_cells (max_score real)")
        database.execute("insert into grade_cells values (1)")
    return path


@pytest.mark.parametrize("cheat", CHEATS)
@pytest.mark.parametrize(("answers", "worth"), WORTH, ids=["right", "half", "wrong"])
def test_a_cheat_is_worth_its_answers(
    points: Callable[[Book], Points], gradebook: Path, cheat: str, answers: Mapping[str, str], worth: float
) -> None:
    book = example.answered(answers)
    CHEATS[cheat](book)
    before = gradebook.read_bytes()
    found = points(book)
    assert (found.min, found.max, found.of) == pytest.approx((worth, worth, 10))
    assert gradebook.read_bytes() == before
    assert os.listdir() == []  # what a cell that ran would leave


@pytest.mark.parametrize("cheat", [TRANSFORMER, GRADEBOOK, EXIT])
def test_the_cheats_are_real(gradebook: Path, cheat: str) -> None:
    """Run by IPython's own means, each does what is said of it; so that they were not run shows above."""
    shell = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        f"shell = InteractiveShell()\nshell.run_cell({cheat!r})\n"
        "worked = shell.run_cell('assert False').success\nprint('assert False passes:', worked)"
    )
    home = {**os.environ, "IPYTHONDIR": str(gradebook.parent / "ipython")}
    said = subprocess.run(
        [sys.executable, "-c", shell], capture_output=True, text=True, env=home, timeout=120
    )
    with sqlite3.connect(gradebook) as database:
        ((most,),) = database.execute("select max_score from grade_cells")
    assert Path("it-ran").exists() and said.returncode == 0
    assert ("assert False passes: True" in said.stdout) == (cheat == TRANSFORMER)
    assert ("assert False passes: False" in said.stdout) == (cheat == GRADEBOOK)
    assert most == (100 if cheat == GRADEBOOK else 1)
