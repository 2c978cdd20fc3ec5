"""Reports: a real PDF and a real DOCX, read by the worker, and files that only look like them."""

import io
import zipfile
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from grader.ground.errors import SubmissionError
from grader.reading import english
from grader.reading.english import documents
from grader.workers import read_word_document
from tests.reading.english.repositories import ENGLISH_FILES
from tests.reading.english.test_rules import ENGLISH, HUNGARIAN

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf(pages: list[list[str]]) -> bytes:
    target = io.BytesIO()
    style = getSampleStyleSheet()["BodyText"]
    story: list[object] = []
    for lines in pages:
        story += [Paragraph(" ".join(lines), style), PageBreak()]
    SimpleDocTemplate(target, pagesize=A4).build(story)
    return target.getvalue()


def docx(lines: list[str], extra: str = "", declared: str = "", encoding: str = "utf-8") -> bytes:
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    start = f"<?xml version='1.0'{declared}?>{extra}"
    text = f"{start}<w:document {WORD}><w:body>{paragraphs}</w:body></w:document>"
    return zipped(text.encode(encoding))


def zipped(body: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
    return target.getvalue()


def damaged(content: bytes) -> bytes:
    """The packed bytes of the first member, after its name of 17 characters, are no longer deflate's."""
    return content[:47] + b"\xff" * 20 + content[67:]


def inspected(path: str, content: bytes) -> english.Inspection:
    files = {name: text.encode() for name, text in ENGLISH_FILES.items()} | {path: content}
    sizes = {name: len(data) for name, data in files.items()}
    return english.inspect(
        english.Sources(sizes=sizes, read=files.__getitem__, document_text=documents.text_of)
    )


@pytest.mark.parametrize("plain", [False, True])
def test_a_hungarian_page_of_a_pdf_is_found(plain: bool) -> None:
    accents = str.maketrans(
        "áéíóöőúüűÁÉÍÓÖŐÚÜŰ", "aeiooouuuAEIOOOUUU" if plain else "áéíóöõúüûÁÉÍÓÖÕÚÜÛ"
    )  # of the font
    content = pdf([ENGLISH, [line.translate(accents) for line in HUNGARIAN], ENGLISH])
    inspection = inspected("report.pdf", content)
    assert {hit.where for hit in inspection.hits} == {"report.pdf:p2"}
    findings = list(english.judge(inspection))
    assert findings[0].level == "error"
    assert "report.pdf" in {finding.where for finding in findings}


def test_an_english_pdf_passes() -> None:
    assert list(english.judge(inspected("report.pdf", pdf([ENGLISH] * 3)))) == []


def test_a_docx_is_read() -> None:
    foreign = inspected("report.docx", docx(HUNGARIAN))
    assert len(foreign.hits) == len(HUNGARIAN)
    assert foreign.hits[0].where == "report.docx:p1"
    assert list(english.judge(inspected("report.docx", docx(ENGLISH)))) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF-1.4 broken", "not a PDF"),
        ("a.docx", b"PK\x03\x04 broken", "not a DOCX"),
        ("a.docx", docx(["x"], extra='<!DOCTYPE d [<!ENTITY a "b">]>'), "entities"),
    ],
)
def test_a_document_that_does_not_open_is_left_out(name: str, content: bytes, reason: str) -> None:
    inspection = inspected(name, content)
    assert reason in inspection.left_out[name]


ENTITY = '<!DOCTYPE d [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (damaged(docx(ENGLISH)), r"is not a DOCX file that opens \(error\)"),  # zlib's
        (docx(["x"], ENTITY, encoding="utf-16"), "declares XML entities"),
        (docx(["x"], ENTITY, encoding="utf-16-le"), "its XML is broken"),  # nothing says that it is UTF-16
        (docx(["&a;"]), "its XML is broken"),
        (docx(["\xe9"], encoding="latin-1"), "its XML is broken"),
    ],
)
def test_a_hostile_docx_is_refused_in_words(tmp_path: Path, content: bytes, reason: str) -> None:
    target = tmp_path / "a.docx"
    target.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        read_word_document.text_of(target)


@pytest.mark.parametrize(("encoding", "declared"), [("utf-16", "UTF-16"), ("utf-8", "x-nonsense")])
def test_a_docx_is_read_in_either_encoding(tmp_path: Path, encoding: str, declared: str) -> None:
    target = tmp_path / "a.docx"
    target.write_bytes(docx(["caf\xe9"], declared=f" encoding='{declared}'", encoding=encoding))
    assert read_word_document.text_of(target) == "caf\xe9\n\n"


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "bomb.docx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * (read_word_document.LARGEST_XML + 10))
    assert target.stat().st_size < 100_000
    with pytest.raises(ValueError, match="unpacks to more than"):
        read_word_document.text_of(target)
    with pytest.raises(SubmissionError):
        documents.text_of("bomb.docx", target.read_bytes())
