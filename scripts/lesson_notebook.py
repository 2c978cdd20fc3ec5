"""Makes student/lesson.ipynb from student/finetune/lesson.py: `python scripts/lesson_notebook.py`.

A line `# %%` begins a cell of code, `# %% [markdown]` one of text. A test compares the two files.
"""

import ast
import json
import re
from pathlib import Path

STUDENT = Path(__file__).parent.parent / "student"
COLAB = """In **Colab**, begin with a cell of your own that fetches your repository, with its address:

    !git clone https://github.com/you/homework && pip install -r homework/requirements.txt
    %cd homework
    !python -m finetune.data

In VS Code and Jupyter, open this file inside of your repository and choose the Python of `.venv/`."""


def notebook(source: str) -> str:
    """The notebook's file for the text of lesson.py."""
    opening, *parts = re.split(r"^# %%(.*)\n", source, flags=re.MULTILINE)
    texts = [("markdown", f"# {ast.get_docstring(ast.parse(opening))}"), ("markdown", COLAB)]
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        if "markdown" in kind:
            texts.append(("markdown", re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE)))
        else:
            texts.append(("code", body.strip()))
    cells = [cell(kind, text, number) for number, (kind, text) in enumerate(texts)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def cell(kind: str, text: str, number: int) -> dict[str, object]:
    own = {"execution_count": None, "outputs": []} if kind == "code" else {}
    lines = text.splitlines(keepends=True)
    return {"cell_type": kind, "id": f"lesson-{number}", "metadata": {}, "source": lines} | own


if __name__ == "__main__":
    made = notebook((STUDENT / "finetune/lesson.py").read_text("utf-8"))
    (STUDENT / "lesson.ipynb").write_text(made, "utf-8")
