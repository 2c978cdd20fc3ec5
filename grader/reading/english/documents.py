"""Asks a worker in the sandbox for the text of a document: PDF and DOCX are never opened in this process."""

import tempfile
from pathlib import Path

from grader.ground.errors import SubmissionError
from grader.sandbox import Limits
from grader.workers import asking
from grader.workers.document_messages import Document, ReadDocument

MOST_PAGES = 200
MOST_CHARACTERS = 2_000_000
SEEN_PAGES, SEEN_CHARACTERS = 60, 200_000  # each is drawn twice, and each letter looked for
LIMITS = Limits(seconds=30.0)


def text_of(path: str, content: bytes, *, drawn: bool = False) -> list[str]:
    """The pages of a document; with `drawn`, of a PDF what they show.

    Raises:
        SubmissionError: it does not open.
        NotMeasured: the worker is not installed here, or ran out of time or memory.
    """
    answer = opened(path, content, drawn=drawn)
    if answer.refused:
        raise SubmissionError(f"{path} {answer.refused}", path, "export the document again")
    return list(answer.texts)


def opened(path: str, content: bytes, limits: Limits = LIMITS, *, drawn: bool = False) -> Document:
    """What a worker reads in a document, or why it does not open; with `drawn`, of a PDF what its pages show.

    Raises:
        NotMeasured: as `text_of` does.
    """
    suffix = Path(path).suffix.lower()
    worker = "read_word_document" if suffix == ".docx" else "read_document"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / f"document{suffix}"
        file.write_bytes(content)
        file.chmod(0o644)
        pages, characters = (SEEN_PAGES, SEEN_CHARACTERS) if drawn else (MOST_PAGES, MOST_CHARACTERS)
        request = ReadDocument(str(file), pages, characters, drawn)
        return asking.ask(worker, request, Document, paths=((file,), None), limits=limits)
