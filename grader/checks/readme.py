"""The check `readme`."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from grader.checks.protocol import Check
from grader.ground.errors import SubmissionError
from grader.ground.settings import Count
from grader.ground.verdict import Finding, error, note
from grader.reading import deliverables
from grader.reading.deliverables import sections
from grader.reading.deliverables.sections import Section
from grader.submission import Submission


class ReadmeFound(Struct, frozen=True):
    path: str
    words: int
    sections: tuple[Section, ...]


class Readme(Check, frozen=True):
    """The README tells what it has to: a heading for each section that is asked for, and text below it.

    `sections` are their names, each with other words that its heading may have instead; `words` is how many
    there have to be altogether.
    """

    sections: Mapping[str, tuple[str, ...]] = {}
    words: Count = 50

    def collect(self, submission: Submission) -> ReadmeFound:
        found = submission.once(deliverables.readme)
        if found is None:
            raise SubmissionError(
                "there is no README", "", "add README.md at the top of the repository", missing=True
            )
        text = submission.once(deliverables.readme_text)
        return ReadmeFound(found.path, max(found.words, 0), sections.of_markup(text))

    def judge(self, measured: ReadmeFound) -> Iterator[Finding]:
        if measured.words < self.words:
            yield error(
                f"{measured.path} has {measured.words} words, expected at least {self.words}",
                measured.path,
                "write what the project is, and how somebody else runs it",
            )
        titles = [each.title for each in measured.sections if each.words]
        for name in sections.lacking(titles, self.sections):
            words = ", ".join([name, *self.sections[name]])
            empty = sections.find([each.title for each in measured.sections], [name, *self.sections[name]])
            what = f"the section {empty!r} is empty" if empty else f"has no section on {name}"
            yield error(
                f"{measured.path}: {what}",
                measured.path,
                f"write it below a heading with one of these words: {words}",
            )
        if titles:
            yield note(f"sections of {measured.path}: {', '.join(titles[:20])}", measured.path)
