"""University codes and e-mail addresses leave the grader in no output; ordinary words stay."""

import pkgutil

import pytest

from grader import engine, render
from grader.assignment import Assignment, Criterion
from grader.checks.english import English
from grader.ground import evidence_file
from grader.ground.persons import masked
from grader.ground.verdict import Commit, Evidence, Measurement, Unfit, Unmeasured, Verdict, error
from grader.render import FORMATS, feedback, manual, places, progress, terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("folder ODZ0M1/20.png and a@b.hu", "folder ******/20.png and ***@***"),
        ("Neptun: abcdef wrote it", "Neptun: ****** wrote it"),
        ("Neptun-kód: ABCDEF, NEPTUN QWERTZ", "Neptun-kód: ******, NEPTUN ******"),
        ("| Neptun code | abc12d |", "| Neptun code | ****** |"),
        ("my student id is QWERTZ", "my student id is ******"),
        ("code: QWERTZ", "code: ******"),
        ("1.AB12CD, 1.23457E, 2345E+1", "1.******, 1.******, 2345E+1"),
        ("https://example.org/hw4-AB12CD.git", "https://example.org/hw4-******.git"),
        ("git@github.com:x/y.git by first.last@edu.bme.hu", "git@github.com:x/y.git by ***@***"),
        ("ABC123 is I, XYZ789 is not", "ABC123 is I, ****** is not"),
    ],
)
def test_who_a_person_is(text: str, shown: str) -> None:
    assert masked(text, keep="ABC123") == shown


@pytest.mark.parametrize(
    "text",
    [
        "EPOCHS RESNET README VGG16B CONV2D Conv2D SHA256 CLASS1 IMG001 EPOCH5 FP16 1080TI 224X224 UINT16",
        "noqa: SIM105",
        "an id of 1.23457E+15", "a loss of 123456E-02",
        "000a1249af2bc5f0", "colour #FF00AA", "A1B2C3.jpg", "the Neptun system", "source code: README",
        "exit code: SIGINT", "image@2x.png", "torch==2.1.0", "2020-11-10T22:14:03+01:00", "@tf.function",
    ],
)  # fmt: skip
def test_ordinary_words_stay(text: str) -> None:
    assert masked(text) == text


SECRETS = ("AB12CD", "QWERTZ", "someone@edu.bme.hu")
WRITTEN = "AB12CD, Neptun: QWERTZ, someone@edu.bme.hu"


def evidence_of(measurements: dict[str, Measurement]) -> Evidence:
    return Evidence(
        grader="1",
        assignment="hw4",
        url="https://example.org/AB12CD/hw4",
        student="ABC123",
        commit=Commit("1a2b3c4d" * 5, "2020-11-10T22:14:03+01:00", "AB12CD-work", "IN_TIME"),
        measurements=measurements,
    )


def verdict_of(measurements: dict[str, Measurement]) -> Verdict:
    criteria = tuple(Criterion(name, English(), 10, True) for name in measurements)
    assignment = Assignment(id="hw4", title="Homework 4", points=20, criteria=criteria)
    return engine.judge(assignment, evidence_of(measurements))


def test_no_renderer_names_a_person() -> None:
    """Header, findings, places and hints, in every module of the package that turns a verdict into text."""
    verdict = verdict_of(
        {
            "one": Unfit(error(WRITTEN, "AB12CD/train.py:3", WRITTEN)),
            "two": Unmeasured(WRITTEN, WRITTEN),
        }
    )
    texts = {name: write(verdict) for name, write in FORMATS.items()}
    texts["terminal"] = terminal.text(verdict, terminal.Style())
    silent = {
        each.__name__.rpartition(".")[2] for each in (feedback, manual, places, progress)
    }  # no text of a verdict
    modules = {module.name for module in pkgutil.iter_modules(render.__path__)}
    assert modules - silent == {
        write.__module__.rpartition(".")[2] for write in (*FORMATS.values(), terminal.text)
    }
    for name, text in texts.items():
        bare = text.replace("\\", "").replace("\u2060", "")  # which Markdown puts before letters of its own
        assert "******" in bare, name
        assert not [secret for secret in SECRETS if secret in bare], name
    assert "ABC123" in texts["terminal"]  # the student whose work it is


def test_the_file_that_nobody_named_names_nobody() -> None:
    assert evidence_file.name(evidence_of({})) == "hw4-https-example-org-hw4-1a2b3c4.json"
