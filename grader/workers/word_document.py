"""Reads the text of a DOCX: a zip file with XML in it, and both can be bombs.

python -m grader.workers.word_document < request.json > answer.json
"""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from grader.workers import wire
from grader.workers.messages import Document, ReadDocument

LARGEST_XML = 30_000_000  # bytes of a DOCX body once it is unpacked
BODY = "word/document.xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def answer(request: ReadDocument) -> Document:
    try:
        text = text_of(Path(request.path))
    except ValueError as error:
        return Document(refused=str(error))
    return Document(1, texts=(text[: request.characters],))


def text_of(path: Path) -> str:
    """All of it as one page: the file does not say where its pages end. Raises ValueError."""
    try:
        with zipfile.ZipFile(path) as archive:
            body = archive.open(BODY).read(LARGEST_XML + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"is not a DOCX file that opens ({type(error).__name__})") from None
    if len(body) > LARGEST_XML:
        raise ValueError(f"unpacks to more than {LARGEST_XML:,} bytes")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("declares XML entities, which no word processor writes")
    try:
        return _paragraphs(body)
    except ElementTree.ParseError:
        raise ValueError("is not a DOCX file that opens (its XML is broken)") from None


def _paragraphs(body: bytes) -> str:
    parts: list[str] = []
    for _, element in ElementTree.iterparse(io.BytesIO(body)):
        if element.tag == WORD + "t":
            parts.append(element.text or "")
        elif element.tag in (WORD + "tab", WORD + "br"):
            parts.append(" ")
        elif element.tag == WORD + "p":
            parts.append("\n\n")
            element.clear()
    return "".join(parts)


if __name__ == "__main__":
    wire.serve(ReadDocument, answer)
