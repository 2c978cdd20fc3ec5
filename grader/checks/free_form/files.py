"""The check `required_files` without a contract: README, report and download, by what they are and do."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader import handed_in
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import deliverables, splits
from grader.reading.deliverables import Comments, Download, Prose
from grader.submission import Submission

# Of 58 public student repositories three lie below, half below 0.91: one word for seven lines of code.
FEWEST_WORDS = 0.15
REMARKS = 10  # on the repository itself


class FoundFiles(Struct, frozen=True, kw_only=True, tag="free-form"):
    """What there is. `pictures` are committed images that programs read, `archive` one of such a folder."""

    readme: Prose | None
    reports: tuple[str, ...]
    downloads: tuple[Download, ...]
    comments: Comments
    by_hand: str = ""  # where the README says how to fetch the data by hand
    pictures: int = 0
    archive: str = ""
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def collect(submission: Submission) -> FoundFiles:
    readme = submission.once(deliverables.readme)
    fetching = submission.once(deliverables.downloads)
    return FoundFiles(
        readme=readme,
        reports=deliverables.reports(submission)[:10],
        downloads=fetching.found,
        comments=deliverables.comments(submission),
        by_hand=deliverables.by_hand(readme.path, submission.once(deliverables.readme_text))
        if readme
        else "",
        pictures=submission.once(deliverables.pictures)
        or sum(size.images for size in submission.once(splits.committed).sizes),
        archive=deliverables.archive(submission),
        unread=fetching.unread,
        remarks=submission.remarks[:REMARKS],
    )


def judge(found: FoundFiles, declared: Sequence[str]) -> Iterator[Finding]:
    """`declared` are the entries of the contract that the assignment asks for."""
    yield warning(
        f"{handed_in.NAME} is not in the commit, so the checks look at what the repository shows",
        handed_in.NAME,
        "begin with the starter repository: make student",
    )
    for remark in found.remarks:
        yield warning(remark)
    yield from _judge_readme(found.readme)
    if "documents.report" in declared:
        yield from _judge_reports(found.reports)
    yield from _judge_comments(found.comments)
    others = [name for name in declared if name.split(".")[0] in ("model", "results", "data")]
    if others:
        yield note(f"not looked for, since only {handed_in.NAME} says where they are: {', '.join(others)}")
    if "documents.download" in declared:
        yield from _judge_downloads(found)


def verified(found: FoundFiles, declared: Sequence[str]) -> str:
    there = ["a README"]
    if "documents.report" in declared:
        there.append("a report" if deliverables.is_report(found.reports[0]) else "a document")
    if "documents.download" in declared:
        there.append("a program that downloads" if found.downloads else "committed data")
    return f"The repository holds {', '.join(there)}; what only {handed_in.NAME} names was not looked for."


def _judge_readme(readme: Prose | None) -> Iterator[Finding]:
    if readme is None:
        yield error("there is no README", "", "say what the project is, how to run it, and what came out")
    elif readme.size == 0:
        yield error(f"{readme.path} is empty", readme.path)
    elif not readme.has_substance:
        what = "is the template of the host" if readme.template else f"has {readme.words} words"
        yield warning(
            f"{readme.path} {what}", readme.path, "say what the project is, how to run it, and what came out"
        )
    else:
        yield note(f"README with {readme.words} words" if readme.words >= 0 else "README", readme.path)


def _judge_reports(reports: Sequence[str]) -> Iterator[Finding]:
    if reports:
        named = deliverables.is_report(reports[0])
        yield note("a report" if named else "a document, perhaps the report", reports[0])
    else:
        yield error(
            "there is no report: no PDF, DOCX, ODT, PPTX or LaTeX document", "", "add the report as a PDF"
        )


def _judge_comments(comments: Comments) -> Iterator[Finding]:
    if not comments.code_lines:
        return
    density = f"{comments.words_per_line:.2f} a line"
    text = f"{comments.words} words of explanation on {comments.code_lines} lines of code, {density}"
    if comments.words_per_line < FEWEST_WORDS:
        yield warning(
            f"{text}: the homework asks for detailed comments",
            hint="say what each step does, and why, in comments or in text cells",
        )
    else:
        yield note(text)
    if comments.bare:
        what = f"{comments.bare} of {comments.functions} functions have no comment and no docstring"
        yield note(what, comments.unexplained[0])


def _judge_downloads(found: FoundFiles) -> Iterator[Finding]:
    if found.downloads:
        first = found.downloads[0]
        asked = f" of {', '.join(first.categories)}" if first.categories else ""
        most = f", at most {first.limit}" if first.limit else ""
        yield note(f"downloads data{asked}{most}: {first.how}", first.where)
    elif found.pictures:
        yield warning(f"no program downloads the data: {found.pictures} images are committed")
    elif found.archive:
        yield warning(f"no program downloads the data: {found.archive} is committed instead", found.archive)
    elif found.unread:
        raise NotMeasured(f"what could download the data was not followed: {', '.join(found.unread[:3])}")
    elif found.by_hand:
        yield error(
            "no program downloads the data; the README names where they are",
            found.by_hand,
            "put these steps into a program, so that others can repeat your work",
        )
    else:
        yield error(
            "no program downloads the data",
            "",
            "add the code that fetches it, so that others can repeat your work",
        )
