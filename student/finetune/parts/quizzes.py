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
        choices = CHOICE.findall(text(cell))
        form = cells.get(question)
        if form and form["metadata"]["nbgrader"].get("solution"):
            written = text(form).strip()
            yield question, "" if written and written != STUB else "not answered"
        else:
            number = form is not None and "type(" in text(form)
            yield question, trouble(values.get(question.replace("-", "_")), choices, number)


def trouble(found: list[Any] | None, choices: list[str], number: bool) -> str:
    if not found:
        return "its cell is missing, or is not Python; take it from the notebook you were given"
    given = [value for value in found if value not in (None, "", [])]
    if any(value is NOT_A_LITERAL for value in given):
        return "not a literal: write the answer itself, not a way to compute it"
    if not given:
        return "not answered"
    if any(value != given[0] for value in given):
        return "answered twice, and differently"
    value = given[0]
    if choices:
        named = list(value) if isinstance(value, list | tuple | set) else [value]
        return "" if set(named) <= set(choices) else f"not a choice: one of {', '.join(choices)}"
    if number:
        return (
            "" if type(value) in (int, float) else "not a number: write 3.5, with a point and without quotes"
        )
    return "" if isinstance(value, str) else "not a text: write it between quotes"


def assigned(notebook: dict[str, Any]) -> dict[str, list[Any]]:
    """What stands behind each name in the code of the notebook, as literals."""
    values: dict[str, list[Any]] = {}
    for cell in notebook["cells"]:
        for statement in parsed(text(cell)):
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                values.setdefault(statement.targets[0].id, []).append(literal(statement.value))
    return values


def parsed(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []  # a text, or Python that is not finished


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return NOT_A_LITERAL


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
