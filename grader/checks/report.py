"""The check `report`."""

import re
from collections.abc import Iterator

from msgspec import Struct

from grader import contract
from grader.checks.free_form import report as found_report
from grader.checks.free_form.report import FoundReport
from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Count
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import logs
from grader.reading.english import documents
from grader.running import evaluation
from grader.sandbox import Limits
from grader.submission import Submission

LIMITS = Limits(seconds=15, cpu_seconds=10, memory=1 << 30)
BYTES = 50_000_000
NUMBER = re.compile(r"(?<![\d.,])(\d{1,3})(?:[.,](\d{1,6}))?\s?(%)?(?![\d])")
NUMBERS = 2000  # read from one report
# What a line says, or one beside it, whose numbers are about the accuracy.
ACCURACY = re.compile(r"accura|\bacc\b|correct|\bright\b", re.IGNORECASE)
PERCENT = re.compile(r"(?<=\d)\s?per\s?cent\b", re.IGNORECASE)
INTERVAL = re.compile(r"\d{1,3}\s?%\s{1,4}(?:confidence|wilson|interval|ci\b)", re.IGNORECASE)  # no accuracy
UNSEEN = 20  # letters; fewer are a ligature or a mark that nobody misses


class Share(Struct, frozen=True):
    """`right` of `total`, and where that comes from."""

    source: str
    right: int
    total: int


class ReportMeasured(Struct, frozen=True, kw_only=True, tag="declared"):
    """`numbers` are all numbers of the text as they are printed, `stated` those beside a word of accuracy.

    `accuracies` are what they are looked for, `claimed` what the text says to be the test accuracy; `unseen`
    counts letters that the file holds and no page shows.
    """

    path: str
    pages: int
    letters: int
    student: str
    names_student: bool
    numbers: tuple[str, ...]
    stated: tuple[str, ...]
    claimed: tuple[str, ...] = ()
    unseen: int = 0
    accuracies: tuple[Share, ...]


class Report(Check, frozen=True):
    """The report opens as a PDF, has text, and names the student and the measured test accuracy."""

    lane = "run"
    needs = ("required_files",)

    pages: Count = 1
    letters: Count = 300  # fewer are no report, or pictures of text

    def collect(self, submission: Submission) -> ReportMeasured | FoundReport:
        if not contract.is_declared(submission):
            return found_report.collect(submission)
        declared = contract.read(submission)
        path = declared.documents.report
        document = documents.opened("report.pdf", submission.read(path, BYTES), LIMITS, drawn=True)
        if document.refused:
            raise SubmissionError(f"{path} {document.refused}", path, "make report writes it anew")
        written = "\n".join(document.texts)
        text = INTERVAL.sub("interval", PERCENT.sub(" %", written))
        numbers = _numbers(text)
        return ReportMeasured(
            path=path,
            pages=document.pages,
            letters=sum(letter.isalnum() for letter in written),
            student=declared.student,
            names_student=declared.student.casefold() in text.casefold(),
            numbers=numbers,
            stated=_stated(text),
            claimed=_claimed(path, text),
            unseen=document.unseen,
            accuracies=tuple(_accuracies(submission, numbers)),
        )

    def judge(self, measured: ReportMeasured | FoundReport) -> Iterator[Finding]:
        if isinstance(measured, FoundReport):
            yield from found_report.judge(measured, self.letters)
        else:
            yield from self._judge_declared(measured)

    def _judge_declared(self, measured: ReportMeasured) -> Iterator[Finding]:
        if measured.pages < self.pages:
            yield error(f"{measured.pages} pages, expected at least {self.pages}", measured.path)
        if measured.unseen >= UNSEEN:
            yield warning(
                f"{measured.unseen:,} letters and digits of its text are on no page: of the page's colour,"
                " covered, too small, outside, or marked as invisible; they do not count",
                measured.path,
            )
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
    shares = measured.accuracies
    for claimed in measured.claimed:
        if not any(names(claimed, share.right, share.total) for share in shares):
            right, total = shares[-1].right, shares[-1].total
            told = f"{right} of {total}, {shares[-1].source}"
            yield warning(f"the report also says that the test accuracy is {claimed}: {told}", measured.path)
    for share in shares:
        named = [number for number in measured.numbers if names(number, share.right, share.total)]
        stated = next((number for number in named if number in measured.stated), None)
        if stated:
            yield note(f"the report names the test accuracy: {stated}, {share.source}", measured.path)
            return
        if named:
            raise NotMeasured(
                f"the report holds {named[0]}, but beside no word of accuracy: a person has to look at it",
                "write it as a sentence: the test accuracy is ...",
            )
    share = shares[0]
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
    if len(whole) > 1 and whole[0] == "0":
        return False  # 01 is part of a name or of a date
    value, digits = float(f"{whole}.{fraction or 0}"), len(fraction or "")
    exact = (100 if percent else 1) * right / total
    enough = digits >= (1 if percent else 3)
    return abs(value - exact) <= (0.5 * 10.0**-digits if enough else 0.0) + 1e-9


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].strip() for match in NUMBER.finditer(text)))[:NUMBERS]


def _stated(text: str) -> tuple[str, ...]:
    """The numbers of lines that speak of the accuracy and of those beside them: pages break sentences."""
    lines = text.splitlines()
    about = {at for at, line in enumerate(lines) if ACCURACY.search(line)}
    near = (line for at, line in enumerate(lines) if not about.isdisjoint((at - 1, at, at + 1)))
    return _numbers("\n".join(near))


def _claimed(path: str, text: str) -> tuple[str, ...]:
    """What the text calls the test accuracy in so many words."""
    stated = (claim for claim in logs.in_text(path, text) if not claim.approximate)
    found = [claim for claim in stated if claim.value.split == "test"]
    values = (f"{claim.value.printed}{' %' if claim.value.scale == 'percent' else ''}" for claim in found)
    return tuple(dict.fromkeys(values))


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
