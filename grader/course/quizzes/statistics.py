"""What a class learnt, by question: how hard it was, how well it tells students apart, what was chosen.

Difficulty is the mean share of the points. Discrimination is the correlation of a question's share with the
points of all other questions (the corrected item-total correlation; Ebel and Frisbie 1991, chapter 13). The
better and the weaker half are those by the points of the other questions.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.course.quizzes.saved import Graded
from grader.reading.quizzes import Free, Multiple, Question, Quiz, Result, Single, marking

FEWEST = 10  # students from whom on something is said of a question
EASY, HARD = 0.95, 0.25
SIGMAS = 2  # by which a difference of two counts is more than chance


class Taken(Struct, frozen=True):
    """How many of each half took a choice."""

    choice: str
    text: str
    right: bool
    better: int
    weaker: int


class Learnt(Struct, frozen=True):
    """One question. `discrimination` is None where all got the same; `looks` are why to look at it first."""

    question: Question
    students: int
    difficulty: float
    discrimination: float | None
    taken: tuple[Taken, ...] = ()
    looks: tuple[str, ...] = ()


class Class(Struct, frozen=True):
    quiz: Quiz
    shares: tuple[float, ...]  # of each student, of all points
    questions: tuple[Learnt, ...]

    @property
    def first(self) -> list[Learnt]:
        """Those that deserve a look, most reasons first."""
        return sorted((each for each in self.questions if each.looks), key=lambda each: -len(each.looks))


def of(quiz: Quiz, graded: Sequence[Graded]) -> Class:
    """Texts, which persons read, count for nothing, neither here nor in the points of others; nor does what
    nobody has decided, nor who has totals alone.
    """
    ordered = sorted((each for each in graded if each.results), key=lambda each: each.student)
    decided = [
        {result.question.id: result for result in each.results if _decided(result)} for each in ordered
    ]
    worth = {question.id: question.points for question in quiz.questions}
    points = [sum(result.points[0] for result in results.values()) for results in decided]
    possible = [sum(worth[name] for name in results) for results in decided]
    shares = tuple(got / of_all if of_all else 0.0 for got, of_all in zip(points, possible, strict=True))
    return Class(quiz, shares, tuple(_learnt(question, decided, points, quiz) for question in quiz.questions))


def _decided(result: Result) -> bool:
    return result.mark.least == result.mark.most and not isinstance(result.question, Free)


def _learnt(
    question: Question, decided: Sequence[dict[str, Result]], points: Sequence[float], quiz: Quiz
) -> Learnt:
    """`points` are those of each student in all questions."""
    answered = [
        (results[question.id], total - results[question.id].points[0])
        for results, total in zip(decided, points, strict=True)
        if question.id in results
    ]
    shares = [result.mark.least for result, _ in answered]
    taken = tuple(_taken(question, answered, quiz)) if isinstance(question, Single | Multiple) else ()
    found = Learnt(
        question,
        len(answered),
        statistics.fmean(shares) if shares else 0.0,
        _correlation(shares, [rest for _, rest in answered]),
        taken,
    )
    looks = tuple(_looks(found)) if len(answered) >= FEWEST else ()
    return Learnt(question, found.students, found.difficulty, found.discrimination, taken, looks)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    try:
        return statistics.correlation(one, other)
    except statistics.StatisticsError:  # fewer than two, or all the same
        return None


def _taken(
    question: Single | Multiple, answered: Sequence[tuple[Result, float]], quiz: Quiz
) -> Iterator[Taken]:
    """Of an odd number the middle student is in neither half; who are alike keep their order."""
    ranked = [result for result, _ in sorted(answered, key=lambda each: -each[1])]
    half = len(ranked) // 2
    better, weaker = (
        Counter(_chosen(question, part)) for part in (ranked[:half], ranked[len(ranked) - half :])
    )
    right = (question.correct,) if isinstance(question, Single) else question.correct
    for choice in quiz.shown_choices(question):
        text = question.spoken_choice(choice)
        yield Taken(choice, text, choice in right, better[choice], weaker[choice])


def _chosen(question: Single | Multiple, results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        for reading in result.readings[:1]:
            yield from marking.chosen(question, reading.value) or ()


def _looks(found: Learnt) -> Iterator[str]:
    for each in found.taken:
        yield from _distractor(each, found) if not each.right else ()
    if found.discrimination is not None and found.discrimination < 0:
        yield "who does well in the rest does badly here"
    if found.difficulty > EASY:
        yield "nearly everybody has it right"
    if found.difficulty < HARD:
        yield "few have it right"


def _distractor(wrong: Taken, found: Learnt) -> Iterator[str]:
    """A wrong choice is there to draw those who do not know."""
    right = max(each.better for each in found.taken if each.right)
    if isinstance(found.question, Single) and wrong.better > right:
        yield (
            f"more of the better half took {wrong.choice!r} than the right choice: "
            "the key may be wrong, or the question is misread"
        )
    elif wrong.better - wrong.weaker > SIGMAS * math.sqrt(wrong.better + wrong.weaker):
        yield f"{wrong.choice!r} draws the better half: {wrong.better} against {wrong.weaker} of the weaker"
    elif not wrong.better + wrong.weaker:
        yield f"nobody took {wrong.choice!r}: another wrong choice would tell more"
