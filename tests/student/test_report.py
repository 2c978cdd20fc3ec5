"""report.pdf says what the result files say."""

import json

import pypdfium2
import pytest
from finetune import report
from finetune.problem import Problem


def text_of(path):
    document = pypdfium2.PdfDocument(path)
    return " ".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", " ")


def test_it_tells_who_what_and_how_well(finished):
    text = text_of(finished / "report.pdf")
    summary = json.loads((finished / "results.json").read_text())
    assert "ABC123" in text
    assert "hw4" in text
    assert f"{summary['test_accuracy']:.4f}" in text
    assert f"{100 * summary['test_accuracy']:.1f} %" in text
    assert f"{summary['correct']} of 12" in text
    assert "even and odd: fine-tuning test_efficientnet" in text
    assert "blocks.4, conv_head, bn2" in text
    assert "Training in two phases" in text
    assert "160 x 160 pixels" in text
    for name in ("head.safetensors", "model.safetensors", "data/splits.csv"):
        assert name in text


def test_it_holds_pictures_and_a_title(finished):
    document = pypdfium2.PdfDocument(finished / "report.pdf")
    pictures = [thing for page in document for thing in page.get_objects() if thing.type == 3]
    summary = json.loads((finished / "results.json").read_text())
    assert len(pictures) == 16 + min(12, summary["test_images"] - summary["correct"])
    assert document.get_metadata_dict()["Title"] == "even and odd: fine-tuning test_efficientnet"
    assert document.get_metadata_dict()["Author"] == "ABC123"


def test_the_same_results_give_the_same_file(handed_out):
    before = (handed_out / "report.pdf").read_bytes()
    report.main()
    assert (handed_out / "report.pdf").read_bytes() == before


def test_a_perfect_result_has_no_mistakes_to_show(handed_out):
    lines = (handed_out / "predictions.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    (handed_out / "predictions.csv").write_text(
        "\n".join([lines[0], *(",".join([i, label, label, score]) for i, label, _, score in rows[1:])]) + "\n"
    )
    report.main()
    assert "There is none: every test image is right." in text_of(handed_out / "report.pdf")


def test_results_of_another_network_are_refused(handed_out):
    with (handed_out / "model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Problem, match="was measured on another network; run `make evaluate` again"):
        report.main()


def test_missing_results_are_told(handed_out):
    (handed_out / "results.json").unlink()
    with pytest.raises(Problem, match="results.json is not here; run `make evaluate` first"):
        report.main()
