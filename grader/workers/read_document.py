"""Reads the text of a PDF. What the file embeds is not opened.

$ python -m grader.workers.read_document < request.json > answer.json
"""

import pypdfium2

from grader.workers import wire
from grader.workers.document_messages import Document, ReadDocument
from grader.workers.parts import drawn

TITLE = 300  # characters


def answer(request: ReadDocument) -> Document:
    try:
        content = pypdfium2.PdfDocument(request.path)
    except pypdfium2.PdfiumError as error:
        return Document(refused=_reason(str(error)))
    with content:
        texts: list[str] = []
        left, unseen = request.characters, 0
        for number in range(min(len(content), request.pages)):
            text, hidden = _text(content, number, left, request.drawn)
            texts.append(_whole(text))
            unseen += hidden
            left -= len(text) + hidden
        title = content.get_metadata_value("Title")[:TITLE]
        return Document(len(content), _whole(title), tuple(texts), unseen)


def _text(content: pypdfium2.PdfDocument, number: int, limit: int, is_drawn: bool) -> tuple[str, int]:
    """The text of one page, and how many letters of it are not seen; "" where the page is broken."""
    try:
        if is_drawn:
            return drawn.text(content[number], max(0, limit))
        page = content[number].get_textpage()
        return str(page.get_text_range(0, min(limit, page.count_chars())))[:limit], 0
    except pypdfium2.PdfiumError:
        return "", 0


def _whole(text: str) -> str:
    """Letters beyond the first plane may come in halves; a half alone is no letter."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _reason(error: str) -> str:
    if "password" in error.lower():
        return "is protected by a password"
    return "is not a PDF file that opens"


if __name__ == "__main__":
    wire.serve(ReadDocument, answer)
