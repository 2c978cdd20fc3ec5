"""The check `report`: numbers as people print them, and real PDF files."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from reportlab.pdfgen.canvas import Canvas

from grader.checks.report import NUMBER, Report, ReportMeasured, Share, names
from grader.ground.errors import NotMeasured, SubmissionError
from tests.conftest import CONTRACT, Make

RIGHT = ReportMeasured(
    path="report.pdf",
    pages=3,
    letters=900,
    student="ABC123",
    names_student=True,
    numbers=("2020", "97.5 %", "0.9"),
    stated=("97.5 %",),
    accuracies=(Share("by the submitted predictions", 195, 200),),
)


def errors(measured: ReportMeasured) -> list[str]:
    found = [each for each in Report().judge(measured) if each.level == "error"]
    assert all(each.where == "report.pdf" for each in found)
    return [each.message for each in found]


@pytest.mark.parametrize("number", ["0.975", "0.9750", "97.5 %", "97.50 %", "97.5%", "0,975", "97,5 %"])
def test_the_accuracy_as_people_print_it(number: str) -> None:
    assert names(number, 195, 200)
    assert errors(replace(RIGHT, numbers=(number,), stated=(number,))) == []


@pytest.mark.parametrize("number", ["0.97", "0.98", "98 %", "97 %", "0.974", "97.4 %", "97.5", "975", "01"])
def test_other_numbers_are_not_the_accuracy(number: str) -> None:
    assert not names(number, 195, 200)
    assert errors(replace(RIGHT, numbers=(number,), stated=(number,))) == [
        "the report does not name the test accuracy 0.9750 or 97.50 %"
        " (195 of 200, by the submitted predictions)"
    ]


def test_rounded_and_exact() -> None:
    assert names("1.0", 200, 200) and not names("01", 200, 200)
    assert names("0.667", 2, 3) and names("66.7 %", 2, 3) and not names("67 %", 2, 3)
    assert names("95 %", 190, 200) and names("0.95", 190, 200) and names("100 %", 5, 5) and names("1.0", 5, 5)


def test_numbers_are_found_in_text() -> None:
    text = "Accuracy: 97.5 % (195 of 200), 0.9750; 2020-11-10, v1.2.3, p=0.01."
    found = [match[0].strip() for match in NUMBER.finditer(text)]
    assert "97.5 %" in found and "0.9750" in found and "200" in found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"letters": 10}, "10 letters and digits of text, expected at least 300"),
        ({"pages": 0}, "0 pages, expected at least 1"),
        ({"names_student": False}, "the report does not name its student, ABC123"),
    ],
)
def test_what_fails(changes: dict[str, object], message: str) -> None:
    assert errors(replace(RIGHT, **changes)) == [message]


def test_the_reproduced_accuracy_counts_too() -> None:
    both = (Share("by the submitted predictions", 198, 200), Share("as reproduced", 195, 200))
    assert errors(replace(RIGHT, accuracies=both)) == []


def test_a_number_beside_no_word_of_accuracy_is_for_a_person() -> None:
    with pytest.raises(NotMeasured, match="holds 97.5 %, but beside no word of accuracy"):
        errors(replace(RIGHT, stated=()))


def test_a_second_test_accuracy_is_told() -> None:
    found = [each.message for each in Report().judge(replace(RIGHT, claimed=("97.5 %", "100 %")))]
    assert found[0] == (
        "the report also says that the test accuracy is 100 %: 195 of 200, by the submitted predictions"
    )
    assert len(found) == 2


def test_without_any_accuracy_nothing_is_decided() -> None:
    with pytest.raises(NotMeasured):
        errors(replace(RIGHT, accuracies=()))


def pdf(folder: Path, *lines: str) -> bytes:
    path = folder / "made.pdf"
    canvas = Canvas(str(path))
    for number, line in enumerate(lines):
        canvas.drawString(72, 720 - 20 * number, line)
    canvas.save()
    return path.read_bytes()


def homework(report: bytes) -> dict[str, str | bytes]:
    return {
        "submission.toml": CONTRACT,
        "predictions.csv": "image_id,label,predicted,score\na,Dog,Dog,0.9\nb,Coffee,Dog,0.8\n",
        "report.pdf": report,
    }


def test_a_real_report_passes(submit: Make, tmp_path: Path) -> None:
    words = "We trained the head first and then the upper layers of the network."
    report = pdf(tmp_path, "Student abc123", *[words] * 6, "Test accuracy 50.0 %, 1 of 2 images")
    measured = Report().collect(submit(homework(report)))
    assert (measured.pages, measured.names_student) == (1, True)
    assert "50.0 %" in measured.numbers
    assert errors(Report.restore(measured)) == []


LINE = "Student ABC123 got a test accuracy of 50.0 %, 1 of 2 images."


def test_what_no_page_shows_does_not_count(submit: Make, tmp_path: Path) -> None:
    """The whole report in white, and a headline that says something else."""
    path = tmp_path / "white.pdf"
    canvas = Canvas(str(path))
    canvas.setFillColorRGB(1, 1, 1)
    for number in range(8):
        canvas.drawString(
            72, 700 - 20 * number, "Student ABC123 got a test accuracy of 50.0 %, 1 of 2 images."
        )
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(72, 760, "Test accuracy 100 percent, by Bob")
    canvas.save()
    measured = Report().collect(submit(homework(path.read_bytes())))
    # StudentABC123gotatestaccuracyof5001of2images is 44 letters and digits; Testaccuracy100percentbyBob 27
    assert (measured.unseen, measured.names_student, measured.claimed) == (8 * 44, False, ("100 %",))
    assert errors(measured) == ["27 letters and digits of text, expected at least 300"]
    assert "352 letters and digits of its text are on no page" in next(iter(Report().judge(measured))).message


def test_the_95_percent_of_an_interval_are_no_accuracy(submit: Make, tmp_path: Path) -> None:
    """The words of the starter's headline."""
    report = pdf(tmp_path, "50.0 % 25.4 to 74.6 %", "test accuracy (0.5000) 95 % confidence interval, 1 of 2")
    measured = Report().collect(submit(homework(report)))
    assert measured.claimed == ()
    assert "95 %" not in measured.numbers
    assert {"50.0 %", "0.5000"} <= set(measured.stated)


def test_a_picture_of_a_report_fails(submit: Make, tmp_path: Path) -> None:
    measured = Report().collect(submit(homework(pdf(tmp_path, ""))))
    assert errors(measured) == ["0 letters and digits of text, expected at least 300"]


def test_garbage_fails_and_a_missing_report_is_missing(submit: Make) -> None:
    with pytest.raises(SubmissionError, match=r"^report\.pdf is not a PDF file that opens$"):
        Report().collect(submit(homework(b"%PDF-1.4 not really")))
    files = homework(b"")
    del files["report.pdf"]
    with pytest.raises(SubmissionError) as trouble:
        Report().collect(submit(files))
    assert trouble.value.missing


@pytest.mark.parametrize(("stated", "level"), [("0.975", "note"), ("0.91", "warning")])
def test_a_report_without_contract_agrees_with_the_readme(
    submit: Make, tmp_path: Path, stated: str, level: str
) -> None:
    """The log measured 0.9750 on the test set."""
    path = tmp_path / "report.pdf"
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, f"In the end the test accuracy is {stated}.")
    for line in range(20):
        canvas.drawString(72, 600 - 20 * line, "Words about the network, its images and its training.")
    canvas.save()
    output = {"output_type": "stream", "name": "stdout", "text": "Test accuracy: 0.9750\n"}
    cell = {"cell_type": "code", "source": "", "outputs": [output]}
    book = json.dumps({"nbformat": 4, "cells": [cell]})
    check, found = Report(), []
    measured = check.collect(submit({"report.pdf": path.read_bytes(), "a.ipynb": book}))
    with pytest.raises(NotMeasured):
        for finding in check.judge(measured):
            found.append((finding.level, finding.where))
    assert found[-1] == (level, "report.pdf:p1")
