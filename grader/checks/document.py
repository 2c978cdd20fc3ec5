"""The check `document`."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from grader.checks.protocol import Check
from grader.ground.errors import SubmissionError
from grader.ground.settings import Count, Inside
from grader.ground.verdict import Finding, error, note
from grader.reading import deliverables
from grader.reading.deliverables import sections
from grader.reading.english import documents
from grader.submission import Submission

BYTES = 50_000_000
KEPT = 400  # lines that may be headings


class DocumentFound(Struct, frozen=True):
    """`headings` are all lines that may be one."""

    path: str
    pages: int
    letters: int
    headings: tuple[str, ...]


class Document(Check, frozen=True):
    """The report is a PDF that opens, long enough, with the sections that are asked for.

    `sections` are their names, each with other words that its heading may have instead. `path` "" is the
    document that is called a report.
    """

    lane = "run"
    needs = ("required_files",)

    path: Inside = ""
    pages: Count = 1
    letters: Count = 1000
    sections: Mapping[str, tuple[str, ...]] = {}

    def collect(self, submission: Submission) -> DocumentFound:
        path = self.path or _report(submission)
        pages = documents.text_of(path, submission.read(path, BYTES))
        letters = sum(letter.isalnum() for page in pages for letter in page)
        return DocumentFound(path, len(pages), letters, sections.of_pages(pages)[:KEPT])

    def judge(self, measured: DocumentFound) -> Iterator[Finding]:
        path = measured.path
        if measured.pages < self.pages:
            yield error(f"{measured.pages} pages, expected at least {self.pages}", path)
        if measured.letters < self.letters:
            yield error(
                f"{measured.letters} letters and digits of text, expected at least {self.letters}",
                path,
                "text that is a picture cannot be read: write it as text",
            )
            return
        for name in sections.lacking(measured.headings, self.sections):
            words = ", ".join([name, *self.sections[name]])
            yield error(
                f"{path} has no section on {name}",
                path,
                f"write it below a heading of its own with one of these words: {words}",
            )
        yield note(f"{path}: {measured.pages} pages, {measured.letters} letters and digits", path)


def _report(submission: Submission) -> str:
    found = deliverables.reports(submission)
    path = next((each for each in found if PurePosixPath(each).suffix.lower() == ".pdf"), "")
    if not path:
        other = f"{found[0]} is no PDF" if found else "there is no report"
        raise SubmissionError(other, found[0] if found else "", "add the report as a PDF", missing=True)
    return path
