"""A quiz with every kind of question, and notebooks with answers to it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader import engine
from grader.assignment import Assignment
from grader.course.quizzes import notebook
from grader.ground.verdict import Evidence
from grader.reading import quizzes
from grader.reading.quizzes import Quiz, source
from grader.submission import Submission

# The smallest PNG: one grey point. https://www.w3.org/TR/png/
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
QUIZ = """\
schema = 1
id = "trial"
title = "Gates and gradients"
time = 30

[[questions]]
id = "forget-gate"
kind = "single"
text = "Which gate scales $c_{t-1}$?"
plain = "Which gate scales c(t-1)?"
choices = { inp = "the input gate", fgt = "the forget gate", out = "the output gate" }
correct = "fgt"
explanation = "The forget gate is multiplied with the old cell."
source = "Gers et al. 2000"

[[questions]]
id = "gates"
kind = "multiple"
text = "Which of these are gates of an LSTM?"
points = 2
correct = ["inp", "fgt", "out"]
explanation = "The candidate is no gate."
[questions.choices]
inp = "input"
fgt = "forget"
out = "output"
cand = "candidate"

[[questions]]
id = "exactly"
kind = "multiple"
text = "Which activations are bounded?"
partial = "all"
choices = { tanh = "tanh", relu = "ReLU", sig = "sigmoid" }
correct = ["tanh", "sig"]
explanation = "ReLU grows without end."

[[questions]]
id = "count"
kind = "number"
text = "How many parameters has an LSTM with 3 inputs, 4 cells and one bias for each gate?"
value = 128
tolerance = 0
unit = "parameters"
explanation = "4(4 * 3 + 4 * 4 + 4)"

[[questions]]
id = "decay"
kind = "number"
text = "What is left of a gradient that shrinks to 0.9 of itself in each of 20 steps?"
value = 0.12157665
tolerance = 0.005
unit = "of the gradient"
explanation = "0.9 to the power of 20."

[[questions]]
id = "name-it"
kind = "short"
text = "How do people call gradients that shrink with each step?"
accepted = ["vanishing", "vanishing gradients"]
explanation = "Hochreiter named them."

[[questions]]
id = "why-bias"
kind = "free"
text = "Why does training often begin with a large bias of the forget gate?"
points = 3
guidance = "The gate is open, so the cell keeps what it holds and gradients pass."
explanation = "The gate is open."
picture = "cell.png"
picture_alt = "One cell of an LSTM"
"""

RIGHT: Mapping[str, str] = {
    "forget_gate": '"fgt"',
    "gates": '["out", "inp", "fgt"]',
    "exactly": '["tanh", "sig"]',
    "count": "128",
    "decay": "0.12",
    "name_it": '"Vanishing"',
}


def quiz(text: str = QUIZ) -> Quiz:
    return source.parse(text.encode(), "quiz.toml")


def write(folder: Path, text: str = QUIZ, points: float = 10) -> Path:
    """The quiz as an assignment in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / quizzes.NAME).write_text(text)
    (folder / "cell.png").write_bytes(PICTURE)
    (folder / "assignment.toml").write_text(
        f'schema = 1\nid = "trial"\ntitle = "Trial"\npoints = {points}\n\n[checks.quiz]\npoints = {points}\n'
    )
    return folder


def release(found: Quiz | None = None) -> dict[str, Any]:
    book: dict[str, Any] = json.loads(notebook.release(found or quiz(), {"cell.png": PICTURE}))
    return book


def cell(book: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in book["cells"] if each["id"] == name)
    return found


def answered(answers: Mapping[str, str], text: str = "", found: Quiz | None = None) -> dict[str, Any]:
    """The release with answers written into it, by variable; `text` answers the question of the kind free."""
    book = release(found)
    for each in book["cells"]:
        name = "".join(each["source"]).split(" = ")[0]
        if name in answers:
            each["source"] = [f"{name} = {answers[name]}  # an answer"]
    if text:
        cell(book, "why-bias")["source"] = [text]
    return book


def evidence(due: Assignment, submission: Submission) -> Evidence:
    """What is kept of a submission."""
    measured = engine.measure_all(due, submission).measurements
    return Evidence(grader="0", assignment="trial", url="u", student="s", commit=None, measurements=measured)
