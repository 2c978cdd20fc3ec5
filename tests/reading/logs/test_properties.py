"""The reader never crashes, never invents a value, and stays linear."""

# ruff: noqa: E501 - the lines of a log are as long as they are

import html
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.reading import logs
from grader.reading.logs import cell_outputs, discovery
from tests import work

WORDS = st.sampled_from(
    "Epoch epoch [1/5] 1/5 2/5 0/4 3: loss val_loss Train Val Test Acc accuracy: Loss: error_rate 0.5 0,5 97.5% nan "
    "1e-3 25/25 20/25 [====>...] ━━━━━━━━━━━━ - 2s 31ms/step | || , ; = : \t {'loss': 'epoch': } {\"epoch\": 1, \"loss\": 0.5} "
    "precision recall f1-score support Best early stopping phase head upper 2025-01-01 10:00:00 INFO: ( ) 100%|##| \r \x08 \n "
    "\n \n epoch,loss,val_loss 1,0.5,0.6 1;0.5;0.6 [0.5, 0.9] Found 800 files belonging to 2 classes. -0.5 .5 5.".split(" ")
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
RELAXED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def printed(found: list[logs.Log]) -> list[str]:
    return [
        value.printed
        for log in found
        for values in (
            *(epoch.values for run in log.runs for epoch in run.epochs),
            *(evaluation.values for evaluation in log.evaluations),
        )
        for value in values
    ]


def as_export(text: str) -> str:
    return (
        f'<div class="jp-Cell"><div class="jp-Cell-outputWrapper"><pre>{html.escape(text)}</pre></div></div>'
    )


@RELAXED
@given(TEXTS)
def test_every_value_stands_in_the_text(text: str) -> None:
    found = [
        *logs.read("run.log", text.encode()),
        *logs.read("a.html", as_export(text).encode()),
        *logs.read("README.md", f"```\n{text}\n```\n".encode()),
    ]
    numbers = set(re.findall(r"[-+]?[\d.,]+(?:e[-+]?\d+)?|nan", text, re.IGNORECASE))
    whole = (
        numbers
        | {part for number in numbers for part in re.split(r"[,;]", number)}
        | {n.strip(".,") for n in numbers}
    )
    assert set(printed(found)) <= whole


@RELAXED
@given(TEXTS)
def test_an_export_says_what_its_output_says(text: str) -> None:
    """Carriage returns aside, which HTML and a terminal do not treat alike."""
    plain = text.replace("\r", " ")
    assert printed(logs.read("a.html", as_export(plain).encode())) == printed(
        logs.read("a.log", plain.encode())
    )


@RELAXED
@given(TEXTS)
def test_counts_are_consistent(text: str) -> None:
    for log in logs.read("run.log", text.encode()):
        for run in log.runs:
            numbers = [epoch.number for epoch in run.epochs]
            assert numbers == sorted(set(numbers))


@RELAXED
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-16")))
def test_no_bytes_crash_it(content: bytes) -> None:
    for path in ("run.log", "data.csv", "x.json", "noname", "a.html", "README.md"):
        logs.read(path, content)
    try:
        logs.read("a.ipynb", content)
    except ValueError as error:
        assert "not a notebook" in str(error)


@RELAXED
@given(TEXTS | st.text(max_size=300))
def test_no_text_crashes_the_claims(text: str) -> None:
    for claim in logs.in_text("README.md", text):
        assert claim.value.printed in text


def test_a_million_hostile_characters_are_read() -> None:
    """In the square of their number it would take hours, which pytest's own limit ends."""
    for piece in (
        "a ",
        "Epoch ",
        "1/",
        "val_loss: ",
        "- ",
        "|",
        "[",
        "0.",
        "\x1b[",
        "loss 0.5 ",
        "<td>",
        "{",
        '{"a":',
    ):
        discovery.read("run.log", (piece * (1_000_000 // len(piece))).encode())


def test_a_million_characters_of_hostile_copies_are_read() -> None:
    """A notebook saved as HTML and a Markdown text; each says `loss`, so that it is read."""
    cell = '<div class="jp-Cell"><div class="jp-Cell-outputWrapper">'
    for piece in (cell, "<div ", 'class="', "<pre>", "<table>", "<td>", "</pre", "<", "```\n", "~~~ loss\n"):
        for path in ("a.html", "a.md"):
            discovery.read(path, (cell + "loss" + piece * (1_000_000 // len(piece))).encode())


BAR = "{0}/{0} [=====] - 1s - loss: 0.5 - accuracy: 0.5"


@pytest.mark.parametrize(
    "pair",
    [
        "Epoch {0}/99999\n" + BAR,  # another number of steps in each epoch
        BAR + "\n" + BAR,  # and without epochs
        "epoch {0} loss: 0.5 val_loss: 0.4\nf1: 0.4",  # what no epoch before has
        "Epoch {0}/99999\nPhase {0}: the head",
    ],
)
def test_work_is_linear_in_the_epochs(pair: str) -> None:
    def read(epochs: int) -> None:
        text = "\n".join(pair.format(number) for number in range(1, epochs + 1))
        discovery.read("run.log", text.encode())

    assert work.growth(read, 500) < 2.2


def test_a_notebook_of_endless_output_is_said_to_be_one() -> None:
    def notebook(*outputs: dict[str, str]) -> bytes:
        cell = {"cell_type": "code", "source": "", "outputs": outputs}
        return json.dumps({"cells": [cell]}).encode()

    piece = {"output_type": "stream", "name": "stdout", "text": "loss: 0.5 " * 20}
    assert cell_outputs.cells(notebook(*[piece] * 50_000))[0].lines  # one line in as many pieces
    assert cell_outputs.cells(notebook({**piece, "text": "\n" * 10_000_000}))[0].lines == ()
    with pytest.raises(ValueError, match="print more than 300000 lines"):
        cell_outputs.cells(notebook(*[{**piece, "text": "a\n" * 100_001}] * 3))


def test_a_history_without_end_is_said_to_be_one() -> None:
    line = json.dumps({"loss": [0.5] * 10_000})
    with pytest.raises(ValueError, match="more than 200000 values"):
        discovery.read("run.log", "\n".join([line] * 21).encode())
