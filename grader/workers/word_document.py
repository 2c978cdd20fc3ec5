"""Reads the text of a DOCX: a zip file with XML in it, and both can be bombs.

python -m grader.workers.word_document < request.json > answer.json
"""

from pathlib import Path

from grader.english import document_text
from grader.workers import wire
from grader.workers.messages import Document, ReadDocument


def answer(request: ReadDocument) -> Document:
    try:
        pages = document_text.of_docx(Path(request.path))
    except ValueError as error:
        return Document(refused=str(error))
    return Document(len(pages), texts=tuple(page[: request.characters] for page in pages))


if __name__ == "__main__":
    wire.serve(ReadDocument, answer)
