"""The text of one PDF or DOCX, page by page, as a JSON list on standard output. Runs as a process of its own.

    python -m grader.english.document_text FILE

Whoever starts it bounds its time and memory; it bounds what it reads. Exit status 1, with one sentence on
standard error, where the file does not open.
"""

import io
import json
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

MOST_PAGES = 200
MOST_CHARACTERS = 2_000_000
LARGEST_XML = 30_000_000  # bytes of a DOCX body once it is unpacked
BODY = "word/document.xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def main(arguments: list[str]) -> int:
    path = Path(arguments[0])
    try:
        pages = of_docx(path) if path.suffix.lower() == ".docx" else of_pdf(path)
    except ValueError as error:
        print(f"{path.name} {error}", file=sys.stderr)
        return 1
    json.dump(pages, sys.stdout)
    return 0


def of_pdf(path: Path) -> list[str]:
    from grader.workers import document
    from grader.workers.messages import ReadDocument

    answer = document.answer(ReadDocument(path=str(path), pages=MOST_PAGES, characters=MOST_CHARACTERS))
    if answer.refused:
        raise ValueError(answer.refused)
    return list(answer.texts)


def of_docx(path: Path) -> list[str]:
    """One page: the file does not say where its pages end. Raises ValueError."""
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
        return [_paragraphs(body)[:MOST_CHARACTERS]]
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
    sys.exit(main(sys.argv[1:]))
