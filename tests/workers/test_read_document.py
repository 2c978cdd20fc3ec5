"""PDF files through the real worker in the real sandbox."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from grader.workers import asking
from grader.workers.messages import Document, ReadDocument


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
