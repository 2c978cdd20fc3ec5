"""The check `lab`."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from msgspec import structs

from grader.checks import lab_words
from grader.checks.protocol import Check
from grader.ground import toml
from grader.ground.errors import NotMeasured
from grader.ground.settings import Amount, Inside, Some
from grader.ground.verdict import Finding, note
from grader.running import labs
from grader.running.labs import LabRun, Questions
from grader.submission import Submission
from grader.workers.lab_messages import Answered, Exam, Quantity

Group = Literal["recurrent", "dropout", "autograd", "clipping"]


class Lab(Check, frozen=True):
    """The functions of the lab give what its text asks for, on fresh random inputs.

    `files`: the first that is there is graded, of several the one in which more is written. `refused`: groups
    of layers that would do the exercise. `weights`: what share of the points a function is worth, where it is
    not the same for all. `tolerance` is for numbers in float64, `sigmas` for what is left to chance.
    `private`: the folder with the reference, the cases and the known wrong solutions; it starts at the
    assignment's own folder. `seed` makes the inputs the same each time.
    """

    lane = "run"
    needs = ("required_files",)

    files: tuple[Inside, ...]
    refused: tuple[Group, ...] = ("recurrent",)
    weights: dict[str, Amount] = {}
    private: str = "private"  # may lie beside the repository: the course's own
    tolerance: Amount = 1e-9
    sigmas: Amount = 6.5
    seconds: Amount = 20.0
    memory: Some = 2048  # MiB
    seed: int | None = None

    def beside(self, folder: Path) -> "Loaded":
        try:
            exam = labs.load(folder / self.private)
        except OSError as trouble:
            raise toml.Misfit(
                f"{self.private}: {trouble.filename}: {trouble.strerror}; a lab needs its private folder"
            ) from None
        return Loaded(**structs.asdict(self), exam=exam)


class Loaded(Lab, frozen=True, kw_only=True):
    """The functions of the lab give what its text asks for, on fresh random inputs.

    This is the check with the private part of the lab, which goes wherever it goes.
    """

    exam: Exam

    def prepare(self, submissions: Sequence[Submission]) -> None:
        with contextlib.suppress(NotMeasured):  # each says so itself
            labs.together(submissions, self.questions())

    def collect(self, submission: Submission) -> LabRun:
        return labs.run(submission, self.questions())

    def questions(self) -> Questions:
        """What is asked of every submission."""
        return Questions(
            files=self.files,
            exam=self.exam,
            refused=self.refused,
            seconds=self.seconds,
            memory=self.memory << 20,
            seed=self.seed,
        )

    def earned(self, measured: LabRun) -> tuple[float, float]:
        """Each function counts on its own: all of its cases, or nothing. A known mistake counts once."""
        worth = {name: self.weights.get(name, 1.0) for name in measured.functions}
        right = sum(worth[name] for name in measured.functions if self.is_right(measured, name))
        share = right / sum(worth.values())
        return share, share

    def judge(self, measured: LabRun) -> Iterator[Finding]:
        if stopped := self.stopped(measured):
            yield stopped
            return
        yield from filter(None, (self.told(measured, name) for name in measured.functions))
        if len(measured.compared.calls) < len(measured.asked):
            yield lab_words.of_end(measured)
        if measured.compared.raised:
            yield lab_words.of_statement(measured)
        for path in measured.others:
            yield note(f"{path} was not graded: {measured.path} is there too", path, "keep one of them")

    def stopped(self, measured: LabRun) -> Finding | None:
        """What kept the file from being imported."""
        compared = measured.compared
        trouble = (compared.raised or compared.refused) and not compared.calls
        return lab_words.of_import(measured) if trouble else None

    def told(self, measured: LabRun, name: str) -> Finding | None:
        """What is said of one function; None where no call of it was answered."""
        calls = [call for call in measured.compared.calls if call.function == name]
        wrong = self._wrong_calls(measured, name)
        if cause := self.cause(measured, name):
            return lab_words.of_consequence(measured, wrong[0], cause)
        if wrong:
            return lab_words.of_function(measured, (wrong, len(calls)), self._wrong(wrong[0]))
        in_cases = f"{len(calls)} case{'s' if len(calls) > 1 else ''}"
        return note(f"{name}: as asked, in {in_cases}", measured.path) if calls else None

    def is_right(self, measured: LabRun, name: str) -> bool:
        """All of its cases were answered, and right, or wrong because of another function alone."""
        calls = [call for call in measured.compared.calls if call.function == name]
        right = not self._wrong_calls(measured, name) or bool(self.cause(measured, name))
        return len(calls) == measured.asked.count(name) and right

    def cause(self, measured: LabRun, name: str) -> str:
        """The function whose known mistake is all that is wrong with this one, "" where there is none."""
        for mistake, function in _common(self._wrong_calls(measured, name)).items():
            if function != name and mistake in _common(self._wrong_calls(measured, function)):
                return function
        return ""

    def _wrong_calls(self, measured: LabRun, name: str) -> Sequence[Answered]:
        return [call for call in measured.compared.calls if call.function == name and self._wrong(call)]

    def _wrong(self, call: Answered) -> Sequence[Quantity]:
        """The quantities that differ; one without a name where nothing was returned."""
        if call.absent or call.raised or call.refused:
            return (Quantity(""),)
        return [each for each in call.quantities if self._differs(each)]

    def _differs(self, found: Quantity) -> bool:
        limit = self.sigmas if found.unit == "sigmas" else self.tolerance
        return bool(found.trouble) or found.off > limit


def _common(calls: Sequence[Answered]) -> dict[str, str]:
    """The known wrong solutions that explain all of these calls, and the function that each has wrong."""
    found = [dict(zip(call.known, call.within, strict=False)) for call in calls] or [{}]
    return {name: within for name, within in found[0].items() if all(name in each for each in found)}
