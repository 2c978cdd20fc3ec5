"""nbgrader's gradebook: opened where that is safe, and the cells of a notebook in it."""

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.ground.errors import GraderError

NAME = "gradebook.db"
Cell = dict[str, Any]  # of a notebook, with its source as one text


class Released(Struct, frozen=True):
    """An assignment with one notebook of its name. `cells` are those that nbgrader keeps when it releases it:
    without solutions, with hidden tests.
    """

    name: str
    cells: tuple[Cell, ...]

    @property
    def points(self) -> dict[str, float]:
        """What each graded cell is worth."""
        known = (cell["metadata"].get("nbgrader", {}) for cell in self.cells)
        return {each["grade_id"]: each["points"] for each in known if each.get("grade")}


@contextmanager
def opened(course: Path) -> Iterator[Any]:
    """nbgrader's own `Gradebook` of a course folder, made where there is none.

    Raises:
        GraderError: no nbgrader, no such folder, a half-made database.
    """
    if not course.is_dir():
        raise GraderError(f"{course} is no folder; name the one with nbgrader's source/ and {NAME}")
    path = course.resolve() / NAME
    require_whole(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what SQLAlchemy says of nbgrader's tables helps nobody here
        try:
            from nbgrader.api import Gradebook
        except ModuleNotFoundError:
            raise GraderError("nbgrader is not installed: pip install 'smartlab-coursework[quiz]'") from None
        if not path.exists():
            _begin(path)
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


def _begin(path: Path) -> None:
    """A database with the version that nbgrader would run its program `alembic` for, which is slow and not on
    every PATH. The tables are made by nbgrader.
    """
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table alembic_version (version_num varchar(32) not null)")
        database.execute("insert into alembic_version values (?)", [version])


def ensure_assignment(gradebook: Any, released: Released) -> None:
    """It with its cells, as `nbgrader generate_assignment` would put it there; what is there stays.

    Raises:
        GraderError: what is there has other cells to grade, or other points.
    """
    from nbgrader.api import MissingEntry

    name = released.name
    try:
        there = gradebook.find_notebook(name, name)
    except MissingEntry:
        _add(gradebook, released)
        return
    points = {cell.name: cell.max_score for cell in there.grade_cells}
    wanted = released.points
    if points != wanted:
        names = sorted(each for each in points.keys() | wanted.keys() if points.get(each) != wanted.get(each))
        raise GraderError(
            f"the gradebook's {name} has other questions or points: {', '.join(names)}; release it as it is "
            "now with nbgrader generate_assignment, or name the one that was released"
        )


def _add(gradebook: Any, released: Released) -> None:
    from nbformat.notebooknode import from_dict
    from nbgrader.utils import compute_checksum

    gradebook.update_or_create_assignment(released.name)
    gradebook.add_notebook(released.name, released.name)
    for cell in (cell for cell in released.cells if "nbgrader" in cell["metadata"]):
        said = cell["metadata"]["nbgrader"]
        where = (said["grade_id"], released.name, released.name)
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
