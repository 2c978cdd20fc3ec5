"""Notebook outputs: joined streams, tables, what the source tells, broken files."""

# ruff: noqa: E501 - the lines of a log are as long as they are

import json
from typing import Any

import pytest

from grader.reading import logs
from grader.reading.logs import cell_outputs


def notebook(*cells: dict[str, Any]) -> bytes:
    text = {"cell_type": "markdown", "source": ["# Title"]}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [text, *cells]}).encode()


def code(*outputs: dict[str, Any], source: str = "", count: int | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "execution_count": count}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


def html(rows: list[list[str]], tag: str = "td") -> dict[str, Any]:
    cells = ["".join(f"<{tag}>{cell}</{tag}>" for cell in row) for row in rows]
    table = "<style>td {}</style><table border=1><tr>" + "</tr>\n<tr>".join(cells) + "</tr></table>"
    return {"output_type": "display_data", "data": {"text/html": [table], "text/plain": ["<IPython object>"]}}


BAR = "25/25 [==============================] - 9s - loss: 0.5 - accuracy: 0.8 - val_loss: 0.4 - val_accuracy: 0.{}\n"


def test_an_epoch_that_is_split_in_the_middle_of_a_line() -> None:
    bar = BAR.format("91")
    (log,) = logs.read("a.ipynb", notebook(
        code(
            stream("Epoch 1/1\n" + bar[:40]),
            stream("UserWarning: something\n", "stderr"),
            stream(bar[40:]),
        )
    ))  # fmt: skip
    assert log.where == "a.ipynb#c1"
    assert log.runs[0].epochs[0].where == "a.ipynb#c1"
    assert log.runs[0].last("accuracy", "val").printed == "0.91"


def test_each_cell_is_its_own_run() -> None:
    first, second = logs.read("a.ipynb", notebook(
        code(stream("Epoch 1/1\n" + BAR.format("91"))), code(stream("Epoch 2/2\n" + BAR.format("95")))
    ))  # fmt: skip
    assert [first.runs[0].last("accuracy", "val").printed, second.where] == ["0.91", "a.ipynb#c2"]


def test_fastai_tables_are_phases_and_error_rate_stays_error_rate() -> None:
    (log,) = logs.read("a.ipynb", notebook(code(
        html([["epoch", "train_loss", "valid_loss", "error_rate", "time"], ["0", "0.52", "0.20", "0.0744", "00:12"]]),
        html([["epoch", "train_loss", "valid_loss", "error_rate", "time"], ["0", "0.10", "0.05", "0.0100", "00:15"],
              ["1", "0.09", "0.04", "0.0074", "00:15"]]),
    )))  # fmt: skip
    assert [len(run.epochs) for run in log.runs] == [1, 2]
    assert log.runs[1].last("error_rate", "val").printed == "0.0074"
    assert log.runs[1].last("accuracy", "val") is None


def test_hugging_face_table() -> None:
    (log,) = logs.read("a.ipynb", notebook(code(html([
        ["Epoch", "Training Loss", "Validation Loss", "Accuracy"],
        ["1", "No log", "0.400000", "0.910000"],
        ["2", "0.500000", "0.350000", "0.930000"],
    ], "th"))))  # fmt: skip
    run = log.runs[0]
    assert [epoch.value("accuracy", "val").printed for epoch in run.epochs] == ["0.910000", "0.930000"]
    assert run.epochs[0].value("loss", "train") is None
    assert run.last("loss", "train").printed == "0.500000"


def test_the_source_tells_the_split_of_an_evaluation() -> None:
    bar = "50/50 [==============================] - 2s 31ms/step - acc: 0.9410 - loss: 0.2166\n"
    listed = {"output_type": "execute_result", "data": {"text/plain": ["[0.21661, 0.94099998]"]}}
    (log,) = logs.read("a.ipynb", notebook(code(stream(bar), listed, source="model.evaluate(test_set)")))
    assert [(v.metric, v.split, v.printed) for v in log.evaluations[-1].values] == [
        ("loss", "test", "0.21661"), ("accuracy", "test", "0.94099998"),
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["model.evaluate(x, y)", "evaluate(val); evaluate(test)", ""])
def test_a_source_that_does_not_tell_leaves_the_split_open(source: str) -> None:
    bar = "50/50 [==============================] - 2s 31ms/step - acc: 0.9410 - loss: 0.2166\n"
    (log,) = logs.read("a.ipynb", notebook(code(stream(bar), source=source)))
    assert {value.split for value in log.evaluations[0].values} == {""}


def test_fewer_epochs_than_planned_in_a_cell_that_others_followed_is_early_stopping() -> None:
    train = stream("Epoch 1/9\n" + BAR.format("91"))
    assert (
        logs.read("a.ipynb", notebook(code(train, count=3), code(count=4)))[0].runs[0].ending
        == "stopped early"
    )
    assert logs.read("a.ipynb", notebook(code(train, count=3)))[0].runs[0].ending == "not determinable"


def test_format_3_and_outputs_without_counts() -> None:
    book = {"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "code", "input": ["fit()"], "outputs": [
            {"output_type": "stream", "stream": "stdout", "text": ["Epoch 1/1\n", BAR.format("91")]}]}]}]}  # fmt: skip
    (log,) = logs.read("old.ipynb", json.dumps(book).encode())
    assert log.where == "old.ipynb#c0"
    assert log.runs[0].last("accuracy", "val").printed == "0.91"


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"[1]", b"\x00\x01", b'{"cells": 3}'[:5], b"[" * 100_000]
)
def test_a_broken_notebook_is_said_to_be_one(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        logs.read("a.ipynb", content)


def test_strange_shapes_are_no_cells() -> None:
    book = {
        "cells": [
            3,
            None,
            {"outputs": [7, {"output_type": "stream", "text": 5}], "source": 9},
            {"outputs": None},
        ]
    }
    assert logs.read("a.ipynb", json.dumps(book).encode()) == []


def test_rows_of_bad_html() -> None:
    assert list(cell_outputs.table_rows("<TR><td>a<td> b &amp; <b>c</b></tr><tr><th>d")) == ["a\tb & c"]


def test_an_interrupted_cell_was_cut_and_another_error_tells_nothing() -> None:
    def ending(name: str) -> str:
        stop = {"output_type": "error", "ename": name, "evalue": "", "traceback": []}
        cells = notebook(code(stream("Epoch 1/9\n" + BAR.format("91")), stop, count=3), code(count=4))
        return logs.read("a.ipynb", cells)[0].runs[0].ending

    assert (ending("KeyboardInterrupt"), ending("NameError")) == ("cut short", "not determinable")
