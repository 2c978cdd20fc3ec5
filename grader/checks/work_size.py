"""The check `work_size`."""

from collections.abc import Iterator

from msgspec import Struct

from grader.checks.protocol import Check
from grader.ground.errors import SubmissionError
from grader.ground.verdict import Finding, note
from grader.reading import programs
from grader.submission import Submission

AUTHORS = 20


class Size(Struct, frozen=True):
    """`modules` and `notebooks` are files of Python; `lines` are those of both that are not blank."""

    modules: int
    notebooks: int
    lines: int
    commits: int
    authors: tuple[str, ...]


class WorkSize(Check, frozen=True):
    """How large the work is: told to whoever grades, judged by nobody.

    The source text is read with limits; what is generated, vendored or a test's own is left out.
    """

    def collect(self, submission: Submission) -> Size:
        sources = submission.once(programs.read)
        if not sources:
            raise SubmissionError("there is no Python file and no notebook", missing=True)
        books = [each for each in sources if each.path.endswith(".ipynb")]
        commits = submission.timeline.commits.values()
        return Size(
            modules=len(sources) - len(books),
            notebooks=len(books),
            lines=sum(bool(line.strip()) for each in sources for line in each.text.splitlines()),
            commits=submission.timeline.total,
            authors=tuple(dict.fromkeys(each.author for each in commits))[:AUTHORS],
        )

    def judge(self, measured: Size) -> Iterator[Finding]:
        yield note(
            f"{measured.lines:,} lines in {measured.modules} modules and {measured.notebooks} notebooks; "
            f"{measured.commits} commits, {len(measured.authors)} authors"
        )
