"""The check `report` without a contract: a document that opens and has text."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from grader import deliverables
from grader.english import documents
from grader.errors import NotMeasured, SubmissionError
from grader.submission import Submission
from grader.verdict import Finding, error, note

BYTES = 50_000_000
READ = (".pdf", ".docx")


class FoundReport(Struct, frozen=True):
    """`found` are all documents; `path` is the one that was read, `refused` says why it did not open."""

    found: tuple[str, ...]
    path: str
    pages: int
    letters: int
    refused: str = ""


def collect(submission: Submission) -> FoundReport:
    found = deliverables.reports(submission)
    if not found:
        raise SubmissionError("there is no report", "", "add the report as a PDF", missing=True)
    path = next((each for each in found if PurePosixPath(each).suffix.lower() in READ), "")
    if not path:
        raise NotMeasured(
            f"{found[0]} is no PDF or DOCX, so its text cannot be read", "add the report as a PDF"
        )
    try:
        pages = documents.text_of(path, submission.read(path, BYTES))
    except SubmissionError as trouble:
        return FoundReport(found[:10], path, 0, 0, trouble.message)
    letters = sum(letter.isalnum() for page in pages for letter in page)
    return FoundReport(found[:10], path, len(pages), letters)


def judge(measured: FoundReport, fewest_letters: int) -> Iterator[Finding]:
    if measured.refused:
        yield error(f"{measured.path}: {measured.refused}", measured.path, "export the document again")
        return
    yield note(f"{measured.pages} pages, {measured.letters} letters and digits", measured.path)
    if measured.letters < fewest_letters:
        yield error(
            f"{measured.letters} letters and digits of text, expected at least {fewest_letters}",
            measured.path, "text that is a picture cannot be read: write it as text",
        )  # fmt: skip
        return
    raise NotMeasured(
        "whether it names its student and the measured accuracy only a contract lets the grader know"
    )
