"""Draws, lets answer, compares: for one submission, or for several in one warm process."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from grader import __version__
from grader.ground import whole_file
from grader.ground.errors import SubmissionError
from grader.running.labs import answers, work
from grader.running.labs.work import Work
from grader.submission import Submission
from grader.workers import asking
from grader.workers.lab_messages import Compare, Compared, ComparedAll, Draw, Drawn, Exam

SEEDS = 1 << 31
TOO_LONG = "timed out"


class Questions(Struct, frozen=True, kw_only=True):
    """What a lab asks, and what one submission may use to answer. `seed`: None draws a new one each time."""

    files: tuple[str, ...]
    exam: Exam
    refused: tuple[str, ...]
    seconds: float
    memory: int  # bytes
    seed: int | None


class LabRun(Struct, frozen=True, kw_only=True):
    """How a submission answered. `asked`: the function of each call, answered or not.

    `ended`: how its process ended before it had answered everything. `others`: forms of the lab, unread.
    """

    path: str
    starts: tuple[tuple[int, int], ...]
    others: tuple[str, ...] = ()
    seed: int
    asked: tuple[str, ...]
    ended: str
    seconds: float
    compared: Compared

    @property
    def functions(self) -> tuple[str, ...]:
        """In the order of their first calls."""
        return tuple(dict.fromkeys(self.asked))


def run(submission: Submission, questions: Questions) -> LabRun:
    """How this submission answers. What was answered for the same files is not asked again.

    Raises:
        SubmissionError: there is no such file, or it cannot be read.
        NotMeasured: no sandbox, no packages, or a lab whose own files do not fit together.
    """
    handed_in = work.read(submission, questions.files)
    found = _kept(submission, questions, handed_in)
    if found is None:
        (found,) = _measured([(submission, handed_in)], questions)
    return found


def together(submissions: Sequence[Submission], questions: Questions) -> list[LabRun]:
    """Lets those that are new answer in one warm process, and keeps what they answered for `run`.

    Raises:
        NotMeasured: as in `run`; each of them says so itself, too.
    """
    new = []
    for submission in submissions:
        try:
            handed_in = work.read(submission, questions.files)
        except SubmissionError:
            continue
        if _kept(submission, questions, handed_in) is None:
            new.append((submission, handed_in))
    return _measured(new, questions) if new else []


def _measured(group: Sequence[tuple[Submission, Work]], questions: Questions) -> list[LabRun]:
    seed = secrets.randbelow(SEEDS) if questions.seed is None else questions.seed
    drawn = asking.ask("examine", Draw(questions.exam, seed), Drawn)
    first = group[0][0]
    answered = answers.given(
        first,
        [each for _, each in group],
        answers.Terms(drawn.calls, questions.refused, questions.seconds, questions.memory),
    )
    compare = Compare(questions.exam, seed, tuple(each.content for each in answered))
    compared = asking.ask("examine", compare, ComparedAll).answers
    runs = []
    for (submission, handed_in), answer, result in zip(group, answered, compared, strict=True):
        found = LabRun(
            path=handed_in.main,
            starts=handed_in.starts,
            others=handed_in.others,
            seed=seed,
            asked=drawn.asked,
            ended=answer.ended,
            seconds=round(answer.seconds, 3),
            compared=result,
        )
        if found.ended != TOO_LONG:  # another time it may take less
            whole_file.write(_place(submission, questions, handed_in), msgspec.json.encode(found))
        runs.append(found)
    return runs


def _kept(submission: Submission, questions: Questions, handed_in: Work) -> LabRun | None:
    try:
        return msgspec.json.decode(_place(submission, questions, handed_in).read_bytes(), type=LabRun)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _place(submission: Submission, questions: Questions, handed_in: Work) -> Path:
    surroundings = submission.surroundings
    key = msgspec.json.encode((__version__, questions, handed_in, str(surroundings.python)), order="sorted")
    return surroundings.cache / "labs" / f"{hashlib.sha256(key).hexdigest()}.json"
