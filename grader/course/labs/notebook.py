"""A lab as notebooks: the source for nbgrader, with solution and hidden tests, and what is released of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from grader.course.labs import pieces
from grader.course.quizzes import notebook
from grader.course.quizzes.cells import Cell

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS\n{tests}### END HIDDEN TESTS"
STUB = (
    "    # YOUR CODE HERE\n    raise NotImplementedError()"  # what nbgrader puts in the place of a solution
)
SAME = '''\
import numpy as np
def same(found, wanted):
    """Whether numbers, arrays, or lists of them agree to 1e-9."""
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(same(one, other) for one, other in zip(found, wanted))
    found = np.asarray(found.detach() if hasattr(found, "detach") else found)
    return found.shape == np.shape(wanted) and np.allclose(found, wanted, rtol=0, atol=1e-9)
'''


class Parts(Struct, frozen=True):
    """What a lab's notebooks are made of; `points` of each function."""

    text: str
    starter: str
    points: Mapping[str, float]


def release(parts: Parts) -> str:
    """What students get."""
    return notebook.text(cells(parts))


def cells(parts: Parts, tests: Mapping[str, str] | None = None) -> list[Cell]:
    """Those of the release; with `tests` as nbgrader keeps them: without solutions, with hidden tests."""
    return list(_cells(parts, dict.fromkeys(parts.points, STUB), _hidden(tests or {})))


def source(parts: Parts, reference: str, tests: Mapping[str, str]) -> str:
    """The same for nbgrader, which takes out what students must not see. It stays with the instructor."""
    asked = frozenset(parts.points)
    bodies = {
        name: f"    {BEGIN}\n{pieces.solution(name, asked, reference)}\n    {END}" for name in parts.points
    }
    return notebook.text(list(_cells(parts, bodies, _hidden(tests))))


def _hidden(tests: Mapping[str, str]) -> dict[str, str]:
    return {name: HIDDEN.format(tests=f"{SAME}{lines}") for name, lines in tests.items()}


def _cells(parts: Parts, bodies: Mapping[str, str], hidden: Mapping[str, str]) -> Iterator[Cell]:
    yield _cell("markdown", "about", parts.text.strip(), _known("about", locked=True))
    yield _cell("code", "imports", pieces.above(parts.starter), _known("imports", locked=True))
    for piece in pieces.functions(parts.starter):
        name = piece.name
        yield _cell("code", name, f"{piece.head}\n{bodies[name]}", _known(name, solution=True))
        test = f"# What the grader does with {name} is not in this notebook: it calls it with new numbers.\n"
        lines = "\n".join(filter(None, [f"{test}assert callable({name})", hidden.get(name, "")]))
        known = _known(tested(name), locked=True, grade=True) | {"points": parts.points[name]}
        yield _cell("code", tested(name), lines, known)


def tested(name: str) -> str:
    """The cell that gives the points of a function."""
    return f"{name}-tests"


def _known(name: str, *, locked: bool = False, solution: bool = False, grade: bool = False) -> dict[str, Any]:
    """What nbgrader knows of a cell."""
    return {
        "grade": grade,
        "grade_id": name,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def _cell(kind: str, name: str, source: str, known: dict[str, Any]) -> Cell:
    fixed = {"editable": False} if known["locked"] else {}
    cell = {
        "cell_type": kind,
        "id": name.replace("_", "-"),
        "metadata": {"deletable": False, **fixed, "nbgrader": known},
        "source": source,
    }
    return cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []}
