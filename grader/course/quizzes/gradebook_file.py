"""nbgrader's gradebook: opened where that is safe, and a quiz's cells in it."""

import os
import shutil
import sqlite3
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from grader.course.quizzes import notebook
from grader.ground.errors import GraderError
from grader.reading.quizzes import Quiz

NAME = "gradebook.db"


@contextmanager
def opened(course: Path) -> Iterator[Any]:
    """nbgrader's own `Gradebook` of a course folder, made where there is none.

    Raises:
        GraderError: no such folder, a half-made database, no `alembic` to make one with.
    """
    if not course.is_dir():
        raise GraderError(f"{course} is no folder; name the one with nbgrader's source/ and {NAME}")
    path = course.resolve() / NAME
    require_whole(path)
    with warnings.catch_warnings(), _alembic_on_path(path):
        warnings.simplefilter("ignore")  # what SQLAlchemy says of nbgrader's tables helps nobody here
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{path}") as found:
            yield found


def require_whole(path: Path) -> None:
    """A database that was begun without `alembic` looks right, and no command can mend it later."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute("select name from sqlite_master where type = 'table'").fetchall()
    except sqlite3.DatabaseError as trouble:
        raise GraderError(f"{path} is no database of nbgrader: {trouble}") from None
    if ("alembic_version",) not in rows:
        raise GraderError(
            f"{path} is half made: nbgrader was run where it did not find its program alembic, and has not "
            "said which version it is. Move the file away and run this again"
        )


@contextmanager
def _alembic_on_path(path: Path) -> Iterator[None]:
    """nbgrader runs a bare `alembic` to make a database; it lies beside the Python that we run in."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        if not path.exists() and not shutil.which("alembic"):
            raise GraderError("alembic, which nbgrader makes its database with, is not beside this Python")
        yield
    finally:
        os.environ["PATH"] = before


def ensure_assignment(gradebook: Any, quiz: Quiz, pictures: Mapping[str, bytes]) -> None:
    """The quiz with its cells, as `nbgrader generate_assignment` would put it there; what is there stays.

    Raises:
        GraderError: what is there are other questions, or other points.
    """
    from nbgrader.api import MissingEntry

    try:
        there = gradebook.find_notebook(quiz.id, quiz.id)
    except MissingEntry:
        _add(gradebook, quiz, pictures)
        return
    points = {cell.name: cell.max_score for cell in there.grade_cells}
    wanted = {question.id: question.points for question in quiz.questions}
    if points != wanted:
        names = sorted(name for name in points.keys() | wanted.keys() if points.get(name) != wanted.get(name))
        raise GraderError(
            f"the gradebook's {quiz.id} has other questions or points: {', '.join(names)}; release the quiz "
            "as it is now with nbgrader generate_assignment, or name the quiz that was released"
        )


def _add(gradebook: Any, quiz: Quiz, pictures: Mapping[str, bytes]) -> None:
    from nbformat.notebooknode import from_dict
    from nbgrader.utils import compute_checksum

    gradebook.update_or_create_assignment(quiz.id)
    gradebook.add_notebook(quiz.id, quiz.id)
    kept = (cell for cell in notebook.cells_with_key(quiz, pictures) if "nbgrader" in cell["metadata"])
    for cell in kept:
        said, where = cell["metadata"]["nbgrader"], (cell["id"], quiz.id, quiz.id)
        if said["grade"]:
            gradebook.add_grade_cell(*where, max_score=said["points"], cell_type=cell["cell_type"])
        if said["solution"]:
            gradebook.add_solution_cell(*where)
        checksum = compute_checksum(from_dict(cell))
        gradebook.add_source_cell(
            *where,
            cell_type=cell["cell_type"],
            locked=said["locked"],
            source=cell["source"],
            checksum=checksum,
        )
