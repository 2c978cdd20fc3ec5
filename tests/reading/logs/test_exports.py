"""Notebooks saved as HTML, in both layouts of nbconvert, and logs quoted in Markdown."""

# ruff: noqa: E501 - the lines of a log are as long as they are

import json

import pytest

from grader.reading import logs
from grader.reading.logs import discovery
from tests.conftest import Make

BAR = "25/25 [==============================] - 9s - loss: 0.5 - accuracy: 0.8 - val_loss: 0.4 - val_accuracy: 0.91"
LAB = """<html><body class="jp-Notebook">
<div class="jp-Cell jp-MarkdownCell jp-Notebook-cell"><div class="jp-Cell-inputWrapper"><p>loss: 0.1</p></div></div>
<div class="jp-Cell jp-CodeCell jp-Notebook-cell"><div class="jp-Cell-inputWrapper" tabindex="0">
<div class="highlight hl-ipython3"><pre><span class="n">model</span><span class="o">.</span>evaluate(test_set)  # Epoch 9/9</pre></div></div>
<div class="jp-Cell-outputWrapper"><div class="jp-RenderedText jp-OutputArea-output"><pre>{}</pre></div>
<div class="jp-RenderedHTMLCommon"><table border="1"><tr><th>epoch</th><th>train_loss</th><th>error_rate</th></tr>
<tr><td>0</td><td>0.52</td><td>0.0744</td></tr></table></div></div></div>
</body></html>"""
CLASSIC = """<div class="border-box-sizing" id="notebook"><div class="cell border-box-sizing text_cell rendered"><p>x</p></div>
<div class="cell border-box-sizing code_cell rendered"><div class="input"><div class="highlight hl-ipython3"><pre>fit()</pre></div></div>
<div class="output_wrapper"><div class="output_subarea output_stream"><pre>{}</pre></div></div></div></div>"""


@pytest.mark.parametrize("page", [LAB, CLASSIC])
def test_outputs_are_read_and_sources_are_not(page: str) -> None:
    text = page.format(f"Epoch 1/1\n{BAR.replace('=', '&#61;')}\n")
    log = logs.read("a.html", text.encode())[0]
    assert (log.where, log.runs[0].planned) == ("a.html#c1", 1)
    assert log.runs[0].last("accuracy", "val").printed == "0.91"


def test_tables_follow_the_text_before_them() -> None:
    (log,) = logs.read("a.html", LAB.format(f"Epoch 1/1\n{BAR}\n").encode())
    assert [run.epochs[0].values[-1].metric for run in log.runs] == ["accuracy", "error_rate"]


def test_any_other_page_is_no_log() -> None:
    assert logs.read("a.html", f"<html><pre>Epoch 1/1\n{BAR}\n</pre></html>".encode()) == []


def test_blocks_of_code_in_markdown() -> None:
    """Two blocks are two logs; what stands outside of them is none."""
    text = f"# Results\nEpoch 7/7\n\n```\nEpoch 1/2\n{BAR}\n```\n\n~~~text\nEpoch 2/2\n{BAR}\n~~~\n"
    first, second = logs.read("notes.md", text.encode())
    assert [(log.where, log.runs[0].epochs[0].where) for log in (first, second)] == [
        ("notes.md:5", "notes.md:6"), ("notes.md:10", "notes.md:11"),
    ]  # fmt: skip


def test_a_copy_of_a_log_is_not_told_twice(submit: Make) -> None:
    text = f"Epoch 1/1\n{BAR}\n"
    found = discovery.find(
        submit({"run.log": text, "README.md": f"```\n{text}```\n", "a.html": CLASSIC.format(text)})
    )
    assert [log.where for log in found.trained] == ["run.log"]
    book = json.dumps(
        {
            "nbformat": 4,
            "cells": [{"cell_type": "code", "outputs": [{"output_type": "stream", "text": text}]}],
        }
    )
    found = discovery.find(submit({"a.ipynb": book, ".ipynb_checkpoints/a-checkpoint.ipynb": book}))
    assert [log.where for log in found.trained] == ["a.ipynb#c0"]
    other = text.replace("0.91", "0.92")
    found = discovery.find(submit({"run.log": text, "README.md": f"```\n{other}```\n"}))
    assert [log.where for log in found.trained] == ["run.log", "README.md:2"]
