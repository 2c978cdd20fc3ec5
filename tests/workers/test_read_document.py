"""PDF files through the real worker in the real sandbox."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from grader.workers import asking, read_document
from grader.workers.document_messages import Document, ReadDocument


def pdf(path: Path, *pages: str, **settings: str) -> Path:
    canvas = Canvas(str(path), **settings)
    canvas.setTitle("Dogs and coffee")
    for text in pages:
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    path.chmod(0o644)
    return path


def read(path: Path, **limits: int) -> Document:
    return asking.ask("read_document", ReadDocument(str(path), **limits), Document, paths=((path,), None))


def test_text_title_and_pages(tmp_path: Path) -> None:
    found = read(pdf(tmp_path / "report.pdf", "Accuracy 97.5 %", "Second page, ékezet"))
    assert (found.pages, found.title, found.refused) == (2, "Dogs and coffee", "")
    assert [text.strip() for text in found.texts] == ["Accuracy 97.5 %", "Second page, ékezet"]


def test_only_so_much_is_read(tmp_path: Path) -> None:
    found = read(pdf(tmp_path / "report.pdf", "a" * 50, "b" * 50, "c"), pages=2, characters=60)
    assert (found.pages, found.texts) == (3, ("a" * 50, "b" * 10))


@pytest.mark.parametrize(
    "content",
    [b"", b"no pdf", b"%PDF-1.7\n" + bytes(2000), b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>\nendobj"],
)
def test_garbage_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    found = read(path)
    assert (found.pages, found.refused) == (0, "is not a PDF file that opens")


def test_a_password_is_told(tmp_path: Path) -> None:
    found = read(pdf(tmp_path / "report.pdf", "secret", encrypt="letmein"))
    assert found.refused == "is protected by a password"


def test_a_cut_off_file_gives_what_is_left_or_is_refused(tmp_path: Path) -> None:
    path = pdf(tmp_path / "report.pdf", "one page")
    path.write_bytes(path.read_bytes()[:600])
    found = read(path)
    assert found.refused or not any(found.texts)


def test_only_what_a_page_shows_is_drawn(tmp_path: Path) -> None:
    """Beside black words: white, invisible, covered, tiny and pale ones, and such as lie outside."""
    path = tmp_path / "report.pdf"
    canvas = Canvas(str(path), pageCompression=0)
    canvas.drawString(72, 720, "Plain words, ékezet.")
    canvas.setFillColorRGB(0.8, 0, 0)
    canvas.drawString(72, 700, "Red words")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(72, 680, "white")
    canvas.rect(72, 650, 300, 20, fill=1)
    canvas.setFillColorRGB(0.95, 0.95, 0.95)
    canvas.drawString(72, 660, "pale")
    canvas.setFillColorRGB(0, 0, 0)
    hidden = canvas.beginText(72, 640)
    hidden.setTextRenderMode(3)
    hidden.textOut("invisible")
    hidden.setTextRenderMode(0)
    canvas.drawText(hidden)
    canvas.drawString(72, 600, "covered")
    canvas.rect(60, 590, 300, 30, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(80, 575, "white on nothing")
    canvas.drawString(180, 600, "white on a bar")
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(-400, 500, "outside")
    canvas.setFont("Helvetica", 1)
    canvas.drawString(72, 480, "tiny")
    canvas.save()
    path.chmod(0o644)
    found = read(path, drawn=True)
    assert " ".join(" ".join(found.texts).split()) == "Plain words, ékezet. Red words white on a bar"
    # white, pale, invisible, covered, whiteonnothing, outside, tiny
    assert found.unseen == 5 + 4 + 9 + 7 + 14 + 7 + 4
    assert "covered" in read(path).texts[0]


def test_a_turned_page_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    canvas = Canvas(str(path))
    canvas.setPageRotation(90)
    canvas.drawString(100, 500, "Accuracy 97.5 %")
    canvas.save()
    path.chmod(0o644)
    found = read(path, drawn=True)
    assert ([text.strip() for text in found.texts], found.unseen) == (["Accuracy 97.5 %"], 0)


def test_half_of_a_letter_is_no_letter() -> None:
    """PDFium hands out letters beyond the first plane in halves."""
    assert read_document._whole("x\ud835\udc41 y\udc41") == "x\U0001d441 y\ufffd"
