"""The form of quiz answers: what `make check` says of the notebooks in quizzes/, not knowing what is right.

An answer is a literal behind the name of its question, such as `forget_gate = "inp"`: the grader reads it and
runs nothing. So what would have to be computed is no answer.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path("quizzes")
CHOICE = re.compile(r'^- `"([^"]+)"`:', re.MULTILINE)
MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)  # Jupyter's own commands, which are no Python
STUB = "YOUR ANSWER HERE"
NOT_A_LITERAL = object()


def remarks() -> Iterator[str]:
    """One line for each notebook, and one for each answer that cannot count as it is."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        try:
            found = list(answers(json.loads(path.read_text(encoding="utf-8-sig"))))
        except (ValueError, KeyError, TypeError, AttributeError):
            yield f"{path} is no notebook: open it, save it again"
            continue
        if not found:
            yield f"{path} has no question that this program knows: is it the notebook you were given?"
            continue
        open_ends = [f"  {name}: {trouble}" for name, trouble in found if trouble]
        answered = f"{len(found) - len(open_ends)} of {len(found)}"
        yield f"{path}: {answered} questions answered in the form asked for"
        yield from open_ends


def answers(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each question's name, and what keeps its answer from counting ("" if nothing does)."""
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id", ""): cell for cell in notebook["cells"]}
    values = assigned(notebook)
    for name, cell in cells.items():
        if not name.endswith("-question"):
            continue
        question = name.removesuffix("-question")
        form = cells.get(question)
        if form and form["metadata"]["nbgrader"].get("solution"):
            written = text(form).strip()
            yield question, "" if written and written != STUB else "not answered"
        else:
            found = values.get(question.replace("-", "_"))
            yield question, trouble(found, CHOICE.findall(text(cell)), text(form) if form else "")


def trouble(found: list[Any] | None, choices: list[str], form: str) -> str:
    """`form` is the cell below the answer, which tells apart what is asked for."""
    if not found:
        return "no line begins with its name and =: is its cell there, are its quotes and brackets closed?"
    given = [value for value in found if not is_empty(value)]
    if any(value is NOT_A_LITERAL for value in given):
        return "not a literal: write the answer itself, not a way to compute it"
    if not given:
        return "not answered"
    if any(value != given[0] for value in given):
        return "answered twice, and differently"
    value = given[0]
    if choices:
        return of_choices(value, choices, several="isinstance(" in form)
    if "type(" in form:
        return (
            "" if type(value) in (int, float) else "not a number: write 3.5, with a point and without quotes"
        )
    return "" if isinstance(value, str) else "not a text: write it between quotes"


def is_empty(value: Any) -> bool:
    return value is None or value in ([], ()) or (isinstance(value, str) and not value.strip())


def of_choices(value: Any, choices: list[str], several: bool) -> str:
    named = list(value) if isinstance(value, list | tuple | set) else [value]
    if not all(each in choices for each in named):
        return f"not a choice: one of {', '.join(choices)}"
    return "" if several or len(named) == 1 else "several choices, where one is asked for"


def assigned(notebook: dict[str, Any]) -> dict[str, list[Any]]:
    """What stands behind each name in the code of the notebook, as literals."""
    values: dict[str, list[Any]] = {}
    for cell in notebook["cells"]:
        for statement in parsed(text(cell)):
            match statement:
                case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
                    values.setdefault(name, []).append(literal(value))
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    values.setdefault(name, []).append(literal(value))
    return values


def parsed(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(MAGIC.sub("pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # a text, or Python that is not finished


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return NOT_A_LITERAL


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
