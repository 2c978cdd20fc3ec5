"""The check `report`."""

import re
from collections.abc import Iterator

from msgspec import Struct

from grader import contract
from grader.checks.free_form import report as found_report
from grader.checks.free_form.report import FoundReport
from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, error, note
from grader.reading.english import documents
from grader.running import evaluation
from grader.sandbox import Limits
from grader.submission import Submission

LIMITS = Limits(seconds=15, cpu_seconds=10, memory=1 << 30)
BYTES = 50_000_000
NUMBER = re.compile(r"(?<![\d.,])(\d{1,3})(?:[.,](\d{1,6}))?\s?(%)?(?![\d])")
NUMBERS = 2000  # read from one report


class Share(Struct, frozen=True):
    """`right` of `total`, and where that comes from."""

    source: str
    right: int
    total: int


class ReportMeasured(Struct, frozen=True, kw_only=True):
    """`numbers` are all numbers of the text as they are printed; `accuracies` what they are looked for."""

    path: str
    refused: str
    pages: int
    letters: int
    student: str
    names_student: bool
    numbers: tuple[str, ...]
    accuracies: tuple[Share, ...]


class Report(Check, frozen=True):
    """The report opens as a PDF, has text, and names the student and the measured test accuracy."""

    lane = "run"
    needs = ("required_files",)

    pages: int = 1
    letters: int = 300  # fewer are no report, or pictures of text

    def collect(self, submission: Submission) -> ReportMeasured | FoundReport:
        if not contract.is_declared(submission):
            return found_report.collect(submission)
        declared = contract.read(submission)
        path = declared.documents.report
        document = documents.opened("report.pdf", submission.read(path, BYTES), LIMITS)
        text = "\n".join(document.texts)
        numbers = tuple(dict.fromkeys(match[0].strip() for match in NUMBER.finditer(text)))[:NUMBERS]
        return ReportMeasured(
            path=path,
            refused=document.refused,
            pages=document.pages,
            letters=sum(letter.isalnum() for letter in text),
            student=declared.student,
            names_student=declared.student.casefold() in text.casefold(),
            numbers=numbers,
            accuracies=tuple(_accuracies(submission, numbers)),
        )

    def judge(self, measured: ReportMeasured | FoundReport) -> Iterator[Finding]:
        if isinstance(measured, FoundReport):
            yield from found_report.judge(measured, self.letters)
        else:
            yield from self._judge_declared(measured)

    def _judge_declared(self, measured: ReportMeasured) -> Iterator[Finding]:
        if measured.refused:
            yield error(f"{measured.path} {measured.refused}", measured.path, "make report writes it anew")
            return
        if measured.pages < self.pages:
            yield error(f"{measured.pages} pages, expected at least {self.pages}", measured.path)
        if measured.letters < self.letters:
            yield error(
                f"{measured.letters} letters and digits of text, expected at least {self.letters}",
                measured.path,
                "text that is a picture cannot be read: write it as text",
            )
            return
        if not measured.names_student:
            yield error(f"the report does not name its student, {measured.student}", measured.path)
        yield from _judge_accuracy(measured)


def _judge_accuracy(measured: ReportMeasured) -> Iterator[Finding]:
    if not measured.accuracies:
        raise NotMeasured("there is no measured test accuracy that the report could be compared with")
    for share in measured.accuracies:
        named = next((number for number in measured.numbers if names(number, share.right, share.total)), None)
        if named:
            yield note(f"the report names the test accuracy: {named}, {share.source}", measured.path)
            return
    share = measured.accuracies[0]
    value = share.right / share.total
    yield error(
        f"the report does not name the test accuracy {value:.4f} or {100 * value:.2f} %"
        f" ({share.right} of {share.total}, {share.source})",
        measured.path,
        "write the report after the last evaluation: make report",
    )


def names(number: str, right: int, total: int) -> bool:
    """Whether a printed number is `right / total`, as a fraction or in percent, rounded to its own digits.

    Fewer than three digits have to be exact: 0.97 is not 0.9749.
    """
    match = NUMBER.fullmatch(number)
    if not match:
        return False
    whole, fraction, percent = match.groups()
    value, digits = float(f"{whole}.{fraction or 0}"), len(fraction or "")
    exact = (100 if percent else 1) * right / total
    enough = digits >= (1 if percent else 3)
    return abs(value - exact) <= (0.5 * 10.0**-digits if enough else 0.0) + 1e-9


def _accuracies(submission: Submission, numbers: tuple[str, ...]) -> Iterator[Share]:
    """That of the handed in predictions; where the report does not name it, also the reproduced one."""
    try:
        rows = contract.predictions(submission)
    except SubmissionError:
        rows = ()
    if rows:
        right = sum(row.predicted == row.label for row in rows)
        yield Share("by the submitted predictions", right, len(rows))
        if any(names(number, right, len(rows)) for number in numbers):
            return
    try:
        found = evaluation.run(submission)
        right, total = found.score(found.final, contract.read(submission).classes)
    except (SubmissionError, NotMeasured):
        return
    if total:
        yield Share("as reproduced", right, total)
