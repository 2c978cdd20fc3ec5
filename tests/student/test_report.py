"""report.pdf says what the result files say."""

import ctypes
import json

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from finetune import report
from finetune.pages import calibration
from finetune.parts import credits
from finetune.parts.credits import Credit
from finetune.parts.problem import Problem

BY = "https://creativecommons.org/licenses/by/2.0/"


def text_of(path):
    document = pypdfium2.PdfDocument(path)
    return " ".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", " ")


def tags_of(page):
    """(role, alternative text) of each element on a page, in the order in which they are read."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)

    def text(get, element):
        content = ctypes.create_string_buffer(4000)
        length = get(element, content, len(content))
        return content.raw[: max(0, length - 2)].decode("utf-16-le")

    def below(element):
        yield (
            text(pdfium.FPDF_StructElement_GetType, element),
            text(pdfium.FPDF_StructElement_GetAltText, element),
        )
        for index in range(pdfium.FPDF_StructElement_CountChildren(element)):
            child = pdfium.FPDF_StructElement_GetChildAtIndex(element, index)
            if child:
                yield from below(child)

    tops = range(pdfium.FPDF_StructTree_CountChildren(tree))
    found = [tag for top in tops for tag in below(pdfium.FPDF_StructTree_GetChildAtIndex(tree, top))]
    pdfium.FPDF_StructTree_Close(tree)
    return found


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
    right = [summary["confusion"][index][index] for index in range(2)]
    examples = min(12, summary["test_images"] - summary["correct"]) + sum(min(3, each) for each in right)
    assert len(pictures) == 16 + examples
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
    with pytest.raises(
        Problem, match="was measured on another network; delete results.json and run `make evaluate`"
    ):
        report.main()


def test_missing_results_are_told(handed_out):
    (handed_out / "results.json").unlink()
    with pytest.raises(Problem, match="results.json is not here; run `make evaluate` first"):
        report.main()


def test_missing_predictions_are_told(handed_out):
    """`make evaluate` alone would find results.json and do nothing."""
    (handed_out / "predictions.csv").unlink()
    with pytest.raises(Problem, match="predictions.csv is not here; delete results.json and run"):
        report.main()


@pytest.mark.parametrize("content", [b"", b"<<<<<<< HEAD\n{}\n", b"\xff\xfe", b"7"])
def test_damaged_results_are_told(handed_out, call, content):
    (handed_out / "results.json").write_bytes(content)
    with pytest.raises(
        Problem, match="results.json is not as .* delete results.json and run `make evaluate`"
    ):
        call(report)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "is not here"), (b"<<<<<<< HEAD\n", "is not as training wrote it")]
)
def test_a_damaged_log_is_told(handed_out, call, content, words):
    log = handed_out / "logs" / "train.jsonl"
    log.unlink() if content is None else log.write_bytes(content)
    with pytest.raises(Problem, match=f"logs/train.jsonl {words}; bring it back with git, or delete"):
        call(report)


def test_it_can_be_read_aloud(finished):
    """Title, language, contents, the roles of all things, and a text for each figure."""
    document = pypdfium2.PdfDocument(finished / "report.pdf")
    summary = json.loads((finished / "results.json").read_text())
    content = (finished / "report.pdf").read_bytes()
    assert b"/Lang (en)" in content
    assert b"/Marked true" in content
    contents = [each.get_title() for each in document.get_toc()]
    assert contents[:3] == [
        "even and odd: fine-tuning test_efficientnet",
        "Data",
        "Network and preprocessing",
    ]
    assert contents[-1] == "How to get the same result"

    tags = [tag for page in document for tag in tags_of(page)]
    roles = [role for role, _ in tags]
    assert roles.count("H1") == 1
    assert roles.count("H2") == len(contents) - 1
    assert {"P", "Caption", "Table", "TR", "TH", "TD"} < set(roles)
    figures = [alt for role, alt in tags if role == "Figure"]
    assert all(figures)
    (matrix,) = [alt for alt in figures if alt.startswith("Confusion matrix")]
    (even, odd) = summary["confusion"]
    assert f"Of 6 images of even: {even[0]} called even, {even[1]} called odd." in matrix
    assert f"Of 6 images of odd: {odd[0]} called even, {odd[1]} called odd." in matrix
    assert [alt for alt in figures if alt.startswith("Learning curves of 3 epochs, the first 1 of them")]


def test_it_tells_what_was_frozen_and_what_was_shown(finished):
    text = text_of(finished / "report.pdf")
    summary = json.loads((finished / "results.json").read_text())
    epochs = [json.loads(line) for line in (finished / "logs/train.jsonl").read_text().splitlines()][1:-1]
    for epoch in epochs:
        assert f"{epoch['trainable_parameters']:,}" in text
        assert f"{summary['parameters'] - epoch['trainable_parameters']:,}" in text
    assert "4 random parts, shown in turn, of each training image" in text
    assert "batch size 8" in text
    assert "Photograph credits" not in text  # handwritten digits have no authors


def test_authors_and_licences_are_named(handed_out):
    ids = [line.split(",")[0] for line in (handed_out / "data/splits.csv").read_text().splitlines()[1:]]
    authors = ["Ada & Co. <photos>", "Zo\u00eb", "\u9234\u6728", ""]
    pages = [f"https://example.org/{index}" for index in range(4)]
    found = [
        Credit(image_id, authors[index % 4], BY if index % 4 else "", "", "", pages[index % 4])
        for index, image_id in enumerate(ids)
    ]
    found[-2:] = [Credit(ids[-2], "\u9234\u6728", BY, "", "", ""), Credit(ids[-1], "", BY, "", "", "")]
    credits.write(found)
    report.main()
    text = text_of(handed_out / "report.pdf")
    assert "Licences of the photographs: 33 of CC BY 2.0, 11 of unknown licence" in text
    last = text[text.index("Photograph credits") :]
    assert f"Ada & Co. <photos> {ids[0]}, {ids[4]}" in " ".join(last.split())
    assert f"Zo\u00eb {ids[1]}" in " ".join(last.split())
    assert f"https://example.org/2 {ids[2]}" in " ".join(last.split())  # letters that the font lacks
    assert f"https://example.org/3 {ids[3]}" in " ".join(last.split())
    assert f"unknown author {ids[-2]}, {ids[-1]}" in " ".join(
        last.split()
    )  # nothing is known but the licence


def test_authors_that_nobody_knows_do_not_fill_pages(handed_out):
    ids = [line.split(",")[0] for line in (handed_out / "data/splits.csv").read_text().splitlines()[1:]]
    told = []
    for licence, author in (("", ""), (BY, "Ada")):
        names = [author] + [""] * (len(ids) - 1)
        found = zip(ids, names, strict=True)
        credits.write([Credit(image_id, name, licence, "", "", "") for image_id, name in found])
        report.main()
        told.append(" ".join(text_of(handed_out / "report.pdf").split()))
    assert "names neither the authors nor the licences of its photographs" in told[0]
    assert "Photograph credits" not in told[0]
    assert f"Ada {ids[0]}" in told[1]
    assert "unknown author of 43 photographs: data/credits.csv lists them" in told[1]


def test_credits_of_another_form_are_told(handed_out):
    (handed_out / "data/credits.csv").write_text("image,photographer\n")
    with pytest.raises(
        Problem, match="data/credits.csv: the columns are .'image', 'photographer'.; they should"
    ):
        report.main()


def test_how_sure_the_network_was():
    """Two classes: ten bins from 0.5 to 1. Three answers of 0.52, one of them right; one of 1, right."""
    answers = [("a", "a", 0.52), ("a", "b", 0.52), ("b", "a", 0.52), ("b", "b", 1.0)]
    found = calibration.bins([{"label": x, "predicted": y, "score": str(s)} for x, y, s in answers], 2)
    assert [(each.right, each.wrong) for each in found] == [(1, 2), *[(0, 0)] * 8, (1, 0)]
    assert [each.low for each in found] == pytest.approx([0.5 + 0.05 * n for n in range(10)])
    # |0.52 - 1/3| for three images and |1 - 1| for one, over four images.
    assert calibration.calibration_error(found) == pytest.approx((0.52 * 3 - 1) / 4)
