"""README and report: at the root or one folder below, in any case and form, with something in them."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.deliverables.records import Prose
from grader.submission import Submission

README = re.compile(
    r"^(?:readme|olvass_?el)(?:[._-][a-z]{2})?(?:\.(?:md|txt|rst|markdown|adoc|org|html?))?$", re.IGNORECASE
)
REPORTS = {".pdf", ".docx", ".odt", ".doc", ".pptx"}
REPORT_NAME = re.compile(
    r"report|doku?mentaci|documentation|document|besz[aá]mol|paper|thesis|homework|hf|hazi", re.I
)
NAMED_REPORT = re.compile(r"report(?!s?[-_ ]?(?:template|guide|instruction|description|requirement))|"
                          r"besz[aá]mol|doku?mentaci|documentation|thesis", re.IGNORECASE)  # fmt: skip
NOT_REPORTS = re.compile(
    r"licen[cs]e|requirements|\breference|assignment|task|poster|paper[s]?/|cv|resume|^\d{4}\.\d{4,5}(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)  # the last one: a paper by its number at arXiv
SLIDES = re.compile(r"\.pptx$|slides?|presentation", re.IGNORECASE)
BYTES = 1_000_000
TEMPLATES = (
    "getting started with gitlab", "to make it easy for you to get started with gitlab",
    "todo: give a short introduction",
    "this is a template repository", "project title\n\nproject description",
)  # fmt: skip
MARKUP = re.compile(
    r"```.*?```|<[^<>]{0,500}>|https?://\S+|!?\[([^\[\]]{0,300})\]\([^()]{0,500}\)|[#*_>|`=-]", re.DOTALL
)


def readme(submission: Submission) -> Prose | None:
    """At the root rather than below, README.md rather than README.pt.md, then the one with most words."""
    found = [
        _prose(submission, path) for path in submission.sizes if _is_near(path) and README.match(_name(path))
    ]
    written = [each for each in found if each.size != 0]
    return max(
        written or found,
        key=lambda each: ("/" not in each.path, -each.path.count("."), each.words),
        default=None,
    )


def readme_text(submission: Submission) -> str:
    """What that README says; empty where there is none that can be read."""
    found = submission.once(readme)
    try:
        text = texts.decode(submission.read(found.path, BYTES)) if found else None
    except (SubmissionError, NotMeasured):
        return ""
    return text.content if text else ""


def reports(submission: Submission) -> tuple[str, ...]:
    """PDF, DOCX and other documents, LaTeX sources; what is called a report first. No empty ones."""
    found = [
        path
        for path, size in sorted(submission.sizes.items())
        if PurePosixPath(path).suffix.lower() in REPORTS
        and size
        and path.count("/") <= 2
        and (NAMED_REPORT.search(_name(path)) or not NOT_REPORTS.search(_name(path)))
    ]
    if all(SLIDES.search(_name(path)) for path in found):
        found += [*_latex(submission)][:1]
    return tuple(
        sorted(
            found,
            key=lambda path: (
                bool(SLIDES.search(_name(path))),
                not REPORT_NAME.search(_name(path)),
                path.count("/"),
                not path.lower().endswith(".pdf"),
                path,
            ),
        )
    )


def is_report(path: str) -> bool:
    """Whether it is called one: any other document may be something else."""
    return bool(REPORT_NAME.search(_name(path)))


def _latex(submission: Submission) -> Iterator[str]:
    for path in sorted(submission.sizes):
        if path.endswith(".tex"):
            try:
                text = texts.decode(submission.read(path, BYTES))
            except (SubmissionError, NotMeasured):
                continue
            if text and "\\begin{document}" in text.content:
                yield path


def _prose(submission: Submission, path: str) -> Prose:
    try:
        read = texts.decode(submission.read(path, BYTES))
    except (SubmissionError, NotMeasured):
        return Prose(path, submission.sizes[path])
    text = read.content if read else ""
    plain = MARKUP.sub(lambda match: f" {match[1] or ''} ", text)
    words = re.findall(r"[^\W\d_]{2,}", plain)
    # Chinese and Japanese do not separate words: two characters count as one.
    wide = sum("\u3040" <= letter <= "\u9fff" for letter in plain) // 2
    return Prose(path, len(text), len(words) + wide, any(each in text.lower() for each in TEMPLATES))


def _is_near(path: str) -> bool:
    return path.count("/") <= 1


def _name(path: str) -> str:
    return PurePosixPath(path).name
