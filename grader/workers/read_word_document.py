"""Reads the text of a DOCX: a zip file with XML in it, and both can be bombs.

python -m grader.workers.read_word_document < request.json > answer.json
"""

import codecs
import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from grader.workers import wire
from grader.workers.document_messages import Document, ReadDocument

LARGEST_XML = 30_000_000  # bytes of a DOCX body once it is unpacked
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # with UTF-8 the encodings of such a file
# What zipfile raises for no zip file, and for a member that is missing, encrypted, oddly packed or damaged.
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, LookupError, RuntimeError, EOFError,
    OSError, ValueError,
)  # fmt: skip
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
    except BROKEN as error:
        raise ValueError(f"is not a DOCX file that opens ({type(error).__name__})") from None
    if len(body) > LARGEST_XML:
        raise ValueError(f"unpacks to more than {LARGEST_XML:,} bytes")
    try:
        return _paragraphs(_decoded(body))
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise ValueError("is not a DOCX file that opens (its XML is broken)") from None


def _decoded(body: bytes) -> str:
    xml = body.decode("utf-16" if body.startswith(UTF_16) else "utf-8-sig")
    if "\0" in xml:
        raise ElementTree.ParseError("a zero, which makes expat take it for UTF-16 after all")
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise ValueError("declares XML entities, which no word processor writes")
    return xml


def _paragraphs(xml: str) -> str:
    """An encoding that the text declares is passed over: it is text already."""
    parts: list[str] = []
    for _, element in ElementTree.iterparse(io.StringIO(xml)):
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
