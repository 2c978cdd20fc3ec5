"""A quiz's answers and its key brought together: what each question earned."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.quizzes import marking
from grader.reading.quizzes.answers import Answers, Reading, Totals
from grader.reading.quizzes.marking import Mark
from grader.reading.quizzes.questions import Free, Multiple, Number, Question, Short, Single
from grader.reading.quizzes.source import Quiz

# What is right; what is answered at all; the points that Kahoot gave, for speed too.
Scoring = Literal["accuracy", "participation", "kahoot"]
ABSENT = "its cell is not in the notebook"
ANSWERED = ("right", "partly right", "wrong", "for a person")
FULL = 1000  # points that Kahoot gives for the fastest right answer to one question


class Result(Struct, frozen=True):
    """One question: its mark as a share, and the places where it was answered."""

    question: Question
    mark: Mark
    readings: tuple[Reading, ...] = ()

    @property
    def points(self) -> tuple[float, float]:
        """At least, at most."""
        return self.mark.least * self.question.points, self.mark.most * self.question.points


def of(quiz: Quiz, answers: Answers, scoring: Scoring = "accuracy") -> tuple[Result, ...]:
    """In the order of the quiz; of a Kahoot, those that were played; none where there are totals alone."""
    if answers.totals:
        return ()
    played = [question for question in quiz.questions if not answers.played or question.id in answers.played]
    return tuple(_result(question, answers, scoring) for question in played)


def _result(question: Question, answers: Answers, scoring: Scoring) -> Result:
    readings = answers.given.get(question.id, ())
    found = _mark(question, readings, scoring)
    if scoring == "participation" and found.said in ANSWERED:
        found = replace(found, least=1, most=1)
    return Result(question, found, readings)


def _mark(question: Question, readings: Sequence[Reading], scoring: Scoring) -> Mark:
    """Several answers are a range, unless all of them are worth the same."""
    if not readings:
        # A text may stand where no name tells of it; what stands under a name was looked for everywhere.
        return Mark(0, float(isinstance(question, Free)), "not answered", ABSENT)
    marks = [_one(question, each, scoring) for each in readings]
    least, most = min(each.least for each in marks), max(each.most for each in marks)
    if len(marks) == 1 or least == most:
        return marks[0]
    places = " and ".join(each.where for each in readings)
    return Mark(least, most, "for a person", f"different answers stand in {places}")


def _one(question: Question, reading: Reading, scoring: Scoring) -> Mark:
    live = reading.live
    if live and scoring == "kahoot":
        share = min(1.0, max(0.0, live.points / FULL))
        return Mark(share, share, "right" if live.correct else "wrong")
    if live and reading.trouble:  # the sheet was played with other words than those of the quiz
        return Mark(float(live.correct), float(live.correct), "right" if live.correct else "wrong")
    if reading.trouble:
        return Mark(0, 0, "not in the form", reading.trouble)
    return marking.mark(question, reading.value)


def share(found: Sequence[Result], answers: Answers, scoring: Scoring) -> tuple[float, float]:
    """Of all that could be earned, at least and at most; nothing is certain while it is in doubt whose."""
    if answers.totals:
        least = most = _share_of_totals(answers.totals, scoring)
    else:
        of_all = sum(each.question.points for each in found)
        least, most = (sum(each.points[end] for each in found) / of_all for end in (0, 1))
    return (0.0 if answers.doubt else least), most


def _share_of_totals(totals: Totals, scoring: Scoring) -> float:
    if scoring == "participation":
        return 1.0
    earned = totals.points / FULL if scoring == "kahoot" else totals.correct
    return min(1.0, max(0.0, earned / totals.questions)) if totals.questions else 0.0


def what_is_right(question: Question) -> str:
    """A clause, for those who may know."""
    said = "a full answer says:" if isinstance(question, Free) else "right is"
    return f"{said} {key_in_words(question)}"


def key_in_words(question: Question) -> str:
    match question:
        case Single():
            return f"{question.correct} ({question.spoken_choice(question.correct)})"
        case Multiple():
            return ", ".join(f"{each} ({question.spoken_choice(each)})" for each in question.correct)
        case Number():
            within = f" within {question.tolerance:g}" if question.tolerance else ""
            return f"{question.value:g}{within} ({question.unit})"
        case Short():
            return " or ".join(question.accepted)
        case Free():
            return question.guidance
