"""The same functions in a notebook, in further modules, and judged again with other settings."""

import json
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from grader.ground.errors import SubmissionError
from grader.running.labs import work
from grader.workers import distances, exams
from grader.workers.answering import values
from tests.conftest import Make
from tests.running.labs.conftest import Answer, check, errors, reference, texts

GOOD = reference("l1")
FORWARD, BACKWARD = GOOD.split("def rnn_backward")
BACKWARD = f"def rnn_backward{BACKWARD}"


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells]
    about = {"cell_type": "markdown", "metadata": {}, "source": "# Lab 1"}
    return json.dumps({"cells": [about, *made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


IN_KERAS = """
from keras import ops
def rnn_forward(*, x, h0, Wxh, Whh, b):
    x, h, Wxh, Whh, b = map(ops.convert_to_tensor, (x, h0, Wxh, Whh, b))
    states = []
    for x_t in x:
        h = ops.tanh(x_t @ ops.transpose(Wxh) + h @ ops.transpose(Whh) + b)
        states.append(h)
    return ops.stack(states)
"""

SUBMISSIONS = {
    "in_keras": {"labs/l1.py": IN_KERAS + "import numpy as np\n" + BACKWARD},
    "keras_layer": {
        "labs/l1.py": "import numpy as np\nfrom keras.layers import SimpleRNN\n"
        + BACKWARD
        + "\ndef rnn_forward(*, x, Whh, **_): return SimpleRNN(len(Whh))(x)\n"
    },
    "in_single_precision": {
        "labs/l1.py": IN_KERAS.replace("map(ops.convert_to_tensor,", "(ops.cast(each, 'float32') for each in")
        + "import numpy as np\n"
        + BACKWARD
    },
    "with_experiments": {
        "labs/l1.ipynb": notebook(
            "%matplotlib inline\n!pip install something\nimport not_installed_here as plt",
            FORWARD,
            "x = rnn_forward(x=1)\nplt.plot(x)\nwhile True: pass",
            BACKWARD,
        )
    },
    "wrong_cell": {"labs/l1.ipynb": notebook(FORWARD, BACKWARD.replace("da @ Whh", "da @ Whh.T"))},
    "broken_cell": {"labs/l1.ipynb": notebook(FORWARD, "def rnn_backward(:")},
    "further_module": {
        "labs/l1.py": "import steps\nfrom steps import rnn_forward\n"
        + BACKWARD.replace("def", "import numpy as np\ndef", 1),
        "labs/steps.py": FORWARD,
    },
    "plots_beside": {
        "labs/l1.py": "from __future__ import annotations\nimport plots_that_are_not_here as plt\n"
        + GOOD
        + "\nplt.plot([1])\nraise SystemExit(0)\n",
    },
    "no_python": {"labs/l1.py": GOOD + "\ndef unfinished(:\n"},
    "all_of_it_is_half": {
        "labs/l1.py": GOOD.replace("return dh0, dWxh, dWhh, db", "return dh0, dWxh, dWhh, db + 1e-7"),
    },
}


def test_forms(answers: Answer) -> None:
    runs = answers("l1", SUBMISSIONS)
    assert errors("l1", runs["with_experiments"]) == []
    assert errors("l1", runs["further_module"]) == []
    assert errors("l1", runs["in_keras"]) == []
    (layer,) = errors("l1", runs["keras_layer"])
    assert layer.message == "rnn_forward uses keras.layers.SimpleRNN, which is not allowed in this lab"
    (single,) = errors("l1", runs["in_single_precision"])
    assert "are float32: keep the float64 of the arguments" in single.hint
    (wrong,) = errors("l1", runs["wrong_cell"])
    assert wrong.where == "labs/l1.ipynb#c2" and "transpose of Whh" in wrong.hint
    (broken,) = errors("l1", runs["broken_cell"])
    assert "there is no function rnn_backward; before, something stopped with SyntaxError" in broken.message

    beside = [*check("l1").judge(runs["plots_beside"])]
    assert not [each for each in beside if each.level == "error"]
    (note,) = (each for each in beside if each.level == "note" and "what follows was run" in each.message)
    assert "ModuleNotFoundError" in note.message and note.where == "labs/l1.py:2"
    (unparsed,) = errors("l1", runs["no_python"])
    assert "stops while it is imported: SyntaxError" in unparsed.message

    asked, near = check("l1"), runs["all_of_it_is_half"]
    assert "db (4) differs" in texts(errors("l1", near))
    assert asked.earned(near) == (0.5, 0.5)
    assert replace(asked, weights={"rnn_backward": 3.0}).earned(near) == (0.25, 0.25)
    lenient = replace(asked, tolerance=1e-6)
    assert lenient.earned(near) == (1, 1)
    assert not [each for each in lenient.judge(near) if each.level == "error"]


def test_what_cannot_be_read_is_the_students_trouble(submit: Make) -> None:
    paths = ("labs/l1.py", "labs/l1.ipynb")
    with pytest.raises(SubmissionError, match="labs/l1.ipynb is not a notebook"):
        work.read(submit({"labs/l1.ipynb": "{"}), paths)
    with pytest.raises(SubmissionError, match="labs/l1.py or labs/l1.ipynb is not in the commit") as raised:
        work.read(submit({"l1.py": GOOD}), paths)
    assert raised.value.hint == "l1.py is: move it there, commit and push"


STARTER = "def rnn_forward(**_):\n    raise NotImplementedError\n"


@pytest.mark.parametrize(
    ("file", "book", "graded"),
    [
        (STARTER * 2, notebook(FORWARD, BACKWARD), "labs/l1.ipynb"),
        (GOOD, notebook(STARTER, STARTER), "labs/l1.py"),
        (GOOD, notebook(FORWARD, BACKWARD), "labs/l1.py"),
        ("import numpy as np\n", notebook(FORWARD, STARTER), "labs/l1.ipynb"),
        ("#" * 30_000_000, notebook(FORWARD, STARTER), "labs/l1.ipynb"),
    ],
    ids=["book written", "file written", "both written", "file emptied", "file too large"],
)
def test_of_two_forms_the_one_in_which_more_is_written_is_graded(
    submit: Make, file: str, book: str, graded: str
) -> None:
    forms = {"labs/l1.py", "labs/l1.ipynb"}
    found = work.read(submit({"labs/l1.py": file, "labs/l1.ipynb": book}), ("labs/l1.py", "labs/l1.ipynb"))
    assert found.main == graded and {*found.others} == forms - {graded}


def found_wrong(name: str, function: str, answer: Any, **arguments: Any) -> list[str]:
    """What is said of an answer to the call with these arguments, among others."""
    loaded = exams.loaded(check(name).exam, 1)
    (case,) = (
        each
        for each in loaded.cases
        if each.function == function and arguments.items() <= dict(each.arguments).items()
    )
    expected = exams.call(loaded.reference, case, 0)
    given = answer(expected) if callable(answer) else answer
    read = values.read(values.answered(given))
    return [each.trouble for each in distances.quantities(case, expected, read) if each.trouble or each.off]


WINDOWS = ("l6", "windows")


@pytest.mark.parametrize(
    "answer",
    [
        ([0], [5]),
        [[0], [5]],
        ((0,), (5,)),
        (np.array([0]), [5.0]),
        np.array([[0], [5]]),
        {"targets": [5], "starts": [0]},
    ],
)
def test_indices_in_plain_lists(answer: Any) -> None:
    assert found_wrong(*WINDOWS, answer, N=6) == []


def test_lists_without_anything() -> None:
    assert found_wrong(*WINDOWS, ([], []), N=5) == []
    assert found_wrong(*WINDOWS, (np.arange(0), []), N=5) == []
    assert found_wrong(*WINDOWS, [], N=5) == [
        "is missing: one array of the shape (0,) came back, expected 2 values: starts, targets"
    ]
    assert found_wrong(*WINDOWS, (None, None), N=5) == ["is None, expected an array of the shape (0,)"] * 2


def test_lists_of_different_shapes() -> None:
    def plain(expected: Any) -> Any:
        clipped, norm = expected
        return [each.tolist() for each in clipped], float(norm)

    assert found_wrong("l2", "clip_by_global_norm", plain, limit=1.5) == []
    ragged = [[1.0], [1.0, 2.0]]
    assert found_wrong(*WINDOWS, (ragged, [5]), N=6) == [
        "is a list of 2, expected an array of the shape (1,)"
    ]
