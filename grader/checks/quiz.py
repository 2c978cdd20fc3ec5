"""The check `quiz`."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import structs

from grader.checks.protocol import Check
from grader.ground import toml
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Inside, Share
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import quizzes
from grader.reading.quizzes import Answers, results
from grader.reading.quizzes.results import Result, Scoring
from grader.submission import Submission


class Quiz(Check, frozen=True, kw_only=True):
    """The questions of the quiz are answered, with literals that are read and never run.

    `questions` is the file beside assignment.toml that holds them with their key. `notebook` is where the
    answers of a student lie; "" is quizzes/<id of the quiz>.ipynb. `scoring` counts what is right (accuracy),
    what is answered at all (participation), or the points of Kahoot (kahoot). From the share `enough` on the
    quiz is passed.
    """

    questions: Inside = quizzes.NAME
    notebook: Inside = ""
    scoring: Scoring = "accuracy"
    enough: Share = 0.5

    def beside(self, folder: Path) -> "Loaded":
        path = folder / self.questions
        try:
            found = quizzes.load(path)
        except OSError as trouble:
            raise toml.Misfit(f"{self.questions}: {trouble.strerror}; put the quiz beside it") from None
        return Loaded(**structs.asdict(self), quiz=found)


class Loaded(Quiz, frozen=True, kw_only=True):
    """The questions of the quiz are answered, with literals that are read and never run.

    This is the check with its questions and key. `reveal`: whether findings may tell the key.
    """

    quiz: quizzes.Quiz
    reveal: bool = False

    def revealed(self) -> "Loaded":
        return structs.replace(self, reveal=True)

    def collect(self, submission: Submission) -> Answers:
        path, remark = self._path(submission)
        content = submission.read(path, quizzes.answers.LIMIT)
        try:
            return Answers(path, quizzes.read(content, self.quiz), remark)
        except ValueError as trouble:
            hint = "open it, save it again, and commit it"
            raise SubmissionError(f"{path} is {trouble}", path, hint) from None

    def judge(self, measured: Answers) -> Iterator[Finding]:
        if measured.remark:
            yield note(measured.remark, measured.path)
        for each in self.results(measured):
            yield from self._finding(each, measured.path)
        least, most = self.earned(measured)
        told = f"{_percent(least, most)} of the points"
        if most < self.enough:
            yield error(f"{told}, {self.enough:.0%} are needed", measured.path)
        elif measured.doubt:
            raise NotMeasured(measured.doubt, "a person says whose answers these are")
        elif least != most:
            raise NotMeasured(f"{told}: a person decides the rest")

    def earned(self, measured: Answers) -> tuple[float, float]:
        return results.share(self.results(measured), measured, self.scoring)

    def results(self, measured: Answers) -> tuple[Result, ...]:
        """What each question earned."""
        return results.of(self.quiz, measured, self.scoring)

    def _path(self, submission: Submission) -> tuple[str, str]:
        """Where the notebook lies: as it should, else the only one of its name."""
        wanted = self.notebook or f"quizzes/{self.quiz.id}.ipynb"
        name = PurePosixPath(wanted).name
        others = [path for path in submission.sizes if PurePosixPath(path).name == name]
        if submission.has(wanted) or len(others) != 1:
            return wanted, ""
        return others[0], f"the notebook was found here, expected at {wanted}"

    def _finding(self, result: Result, path: str) -> Iterator[Finding]:
        """Without `reveal` nothing of it depends on the key."""
        told = f"{result.question.id}: {result.mark.said}"
        where = f"{path}{result.readings[0].where}" if result.readings else path
        if self.reveal:
            level = warning if result.mark.most < 1 else note
            right = quizzes.what_is_right(result.question)
            yield level(f"{told}, {_points(result)}; {right}", where, result.question.explanation)
        elif result.mark.said in ("not answered", "not in the form") or result.mark.form:
            yield warning(told, where, result.mark.form or "write your answer there, save and commit")
        elif isinstance(result.question, quizzes.Free):
            yield note(told, where)


def _points(result: Result) -> str:
    least, most = result.points
    span = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    return f"{span} of {result.question.points:g} points"


def _percent(least: float, most: float) -> str:
    return f"{least:.0%}" if least == most else f"{least:.0%} to {most:.0%}"
