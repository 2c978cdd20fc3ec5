"""Reads the text of a PDF. Nothing is drawn, and what the file embeds is not opened.

$ python -m grader.workers.read_document < request.json > answer.json
"""

import pypdfium2

from grader.workers import wire
from grader.workers.messages import Document, ReadDocument

TITLE = 300  # characters


def answer(request: ReadDocument) -> Document:
    try:
        content = pypdfium2.PdfDocument(request.path)
    except pypdfium2.PdfiumError as error:
        return Document(refused=_reason(str(error)))
    with content:
        texts: list[str] = []
        left = request.characters
        for number in range(min(len(content), request.pages)):
            texts.append(_text(content, number, left))
            left -= len(texts[-1])
        return Document(len(content), content.get_metadata_value("Title")[:TITLE], tuple(texts))


def _text(content: pypdfium2.PdfDocument, number: int, limit: int) -> str:
    """The text of one page; "" where the page is broken."""
    try:
        page = content[number].get_textpage()
        return str(page.get_text_range(0, min(limit, page.count_chars())))[:limit]
    except pypdfium2.PdfiumError:
        return ""


def _reason(error: str) -> str:
    if "password" in error.lower():
        return "is protected by a password"
    return "is not a PDF file that opens"


if __name__ == "__main__":
    wire.serve(ReadDocument, answer)
