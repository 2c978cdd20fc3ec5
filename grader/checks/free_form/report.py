"""The check `report` without a contract: a document that opens and has text."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import deliverables, logs
from grader.reading.english import documents
from grader.reading.logs import claims
from grader.reading.logs.claims import Claim
from grader.submission import Submission

BYTES = 50_000_000
KEPT = 50
TRIED = 3  # documents, until one opens
READ = (".pdf", ".docx")


class FoundReport(Struct, frozen=True, tag="free-form"):
    """`found` are all documents; `path` is the one that was read."""

    found: tuple[str, ...]
    path: str
    pages: int
    letters: int
    stated: tuple[Claim, ...] = ()  # accuracies in the document
    elsewhere: tuple[Claim, ...] = ()  # those of the README, the notebooks and the logs


def collect(submission: Submission) -> FoundReport:
    found = deliverables.reports(submission)
    if not found:
        raise SubmissionError("there is no report", "", "add the report as a PDF", missing=True)
    readable = [each for each in found if PurePosixPath(each).suffix.lower() in READ]
    if not readable:
        raise NotMeasured(
            f"{found[0]} is no PDF or DOCX, so its text cannot be read", "add the report as a PDF"
        )
    path, pages = _opened(submission, readable)
    letters = sum(letter.isalnum() for page in pages for letter in page)
    logged = submission.once(logs.found)
    stated = [
        replace(claim, where=f"{path}:p{number}")
        for number, page in enumerate(pages, 1)
        for claim in logs.in_text(path, page)
    ]
    return FoundReport(
        found=found[:10],
        path=path,
        pages=len(pages),
        letters=letters,
        stated=tuple(stated[:KEPT]),
        elsewhere=(*logged.stated, *logged.measured)[:KEPT],
    )


def _opened(submission: Submission, paths: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first document that opens, with its pages. Raises SubmissionError: none does."""
    troubles: list[SubmissionError] = []
    for path in paths[:TRIED]:
        try:
            return path, documents.text_of(path, submission.read(path, BYTES), drawn=True)
        except SubmissionError as trouble:
            troubles.append(trouble)
    raise troubles[0]


def _judge_claims(measured: FoundReport) -> Iterator[Finding]:
    """What it states of the test set, and whether README, notebooks and logs say so too."""
    for claim in dict.fromkeys(claim for claim in measured.stated if claim.value.split == "test"):
        yield note(f"it states the test accuracy {claim.value.printed}", claim.where)
    for claim in claims.unsupported(measured.stated, measured.elsewhere):
        yield warning(
            f"the test accuracy {claim.value.printed} is none of those in README, notebooks and logs",
            claim.where,
            "say which of them is the result",
        )


def judge(measured: FoundReport, fewest_letters: int) -> Iterator[Finding]:
    yield note(f"{measured.pages} pages, {measured.letters} letters and digits", measured.path)
    if measured.letters < fewest_letters:
        yield error(
            f"{measured.letters} letters and digits of text, expected at least {fewest_letters}",
            measured.path,
            "text that is a picture cannot be read: write it as text",
        )
        return
    yield from _judge_claims(measured)
    raise NotMeasured(
        "whether it names its student and the measured accuracy only a contract lets the grader know"
    )
