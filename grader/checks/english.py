"""The check `english`."""

from collections.abc import Iterator, Sequence

from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding
from grader.reading import english
from grader.reading.english import Inspection, Settings, documents
from grader.submission import Submission


class English(Check, frozen=True):
    """Source, names, messages and documents are in English.

    `settings` hold the assignment's allow-list and limits (docs/english.md). A submission may ask for
    exceptions in its own `english.toml`; they are shown.
    """

    settings: Settings = Settings()

    def collect(self, submission: Submission) -> Inspection:
        commits = submission.timeline.commits.values()
        sources = english.Sources(
            sizes=submission.sizes,
            read=submission.read,
            document_text=_left_out if submission.surroundings.static else documents.text_of,
            commits=[(each.sha, each.subject) for each in commits],
            people={name for each in commits for name in (each.author, each.committer)},
        )
        return english.inspect(sources, self.settings)

    def judge(self, measured: Inspection) -> Iterator[Finding]:
        yield from english.judge(measured, self.settings)


def _left_out(_: str, __: bytes) -> Sequence[str]:
    raise NotMeasured("only static checks were asked for")
