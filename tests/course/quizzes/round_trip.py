"""Answers of a class into nbgrader's gradebook, a person's points in it, and all of it back.

What is sent is known by how it is made: each answer is drawn with its worth, so no marking is relied on.
"""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.checks.quiz import Loaded
from grader.course.nbgrader import gradebook_file, grades, scores
from grader.course.quizzes import for_nbgrader, notebook
from grader.course.quizzes.saved import Graded
from grader.reading import quizzes
from grader.reading.quizzes import Answers, Free, Quiz, source

KINDS = (
    'kind = "single"\nchoices = { a = "A", b = "B", c = "C" }\ncorrect = "b"\npoints = 1',
    'kind = "multiple"\nchoices = { a = "A", b = "B", c = "C", d = "D" }\ncorrect = ["a", "b"]\npoints = 2',
    'kind = "number"\nvalue = 10\ntolerance = 0.5\nunit = "steps"\npoints = 1',
    'kind = "short"\naccepted = ["zoneout"]\npoints = 1',
    'kind = "free"\nguidance = "A person reads it."\npoints = 3',
)
# Answers of each kind but the last, with their points.
DRAWN: tuple[tuple[tuple[Any, float], ...], ...] = (
    (("b", 1), ("a", 0), ("c", 0), (None, 0)),
    ((["a", "b"], 2), (["b"], 1), (["a", "c"], 0), (["a", "b", "c"], 1), ([], 0)),
    ((10, 1), (10.25, 1), (9.4, 0), (-1e-9, 0), (None, 0)),
    (("Zoneout", 1), ("dropout", 0), ("áé \"'\\ \u05d0", 0), ("", 0)),
)


class Kept(Struct, frozen=True):
    """One student's answer to one question: what was answered, and its points by us and by a person."""

    answer: Any
    automatic: float | None
    manual: float | None = None


Class = Mapping[tuple[str, str], Kept]  # by student and question


def quiz(questions: int) -> Quiz:
    """The kinds take turns."""
    tables = (
        f'[[questions]]\nid = "q-{number}"\ntext = "Which is it, {number}?"\nexplanation = "So."\n'
        f"{KINDS[number % len(KINDS)]}\n"
        for number in range(questions)
    )
    head = 'schema = 1\nid = "trip"\ntitle = "There and back"\ntime = 30\n'
    return source.parse((head + "\n".join(tables)).encode(), quizzes.NAME)


def drawn(found: Quiz, students: int) -> Class:
    """Answers of a class, always the same; no two texts are equal, so one that is mixed up shows."""
    dealt = random.Random(2020)
    sent = {}
    for student in (f"AB{number:04d}" for number in range(students)):
        for number, question in enumerate(found.questions):
            if isinstance(question, Free):
                text = f'Szöveg {student}, {question.id}:\n\n$c_t$ *and* "{dealt.random()}"'
                sent[student, question.id] = Kept(text, None, dealt.choice((0, 0.5, 2.25, 3)))
            else:
                answer, worth = dealt.choice(DRAWN[number % len(KINDS)])
                sent[student, question.id] = Kept(answer, worth)
    return sent


def graded(found: Quiz, sent: Class, student: str) -> Graded:
    """Our results of a notebook in which the student's answers stand."""
    book = json.loads(notebook.release(found, {}))
    answers = {question.id: sent[student, question.id].answer for question in found.questions}
    free = {question.id for question in found.questions if isinstance(question, Free)}
    for cell in book["cells"]:
        about = cell["id"].removesuffix("-answer")
        if cell["id"] in free:
            cell["source"] = answers[about]
        elif cell["id"].endswith("-answer"):
            cell["source"] = f"{about.replace('-', '_')} = {answers[about]!r}"
    given = quizzes.read(json.dumps(book).encode(), found)
    return Graded(student, Loaded(quiz=found).results(Answers("quizzes/trip.ipynb", given)))


def there(course: Path, found: Quiz, sent: Class) -> int:
    """Writes scores, has a person grade the texts in nbgrader, writes again; returns what that changed."""
    everybody = [graded(found, sent, student) for student in sorted({student for student, _ in sent})]
    sheet = for_nbgrader.of_graded(found, {}, everybody)
    scores.write(course, sheet)
    with gradebook_file.opened(course) as gradebook:
        for submission in gradebook.assignment_submissions(found.id):
            for grade in submission.notebooks[0].grades:
                points = sent[submission.student.id, grade.name].manual
                if points is not None:
                    grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    return scores.write(course, sheet)


def back(course: Path, found: Quiz) -> Class:
    """Answers from the notebooks that formgrader shows, our points from nbgrader, and a person's."""
    by_hand = {
        (student, each.cell): each.points
        for student, given in grades.read(course, found.id).items()
        for each in given
    }
    came = {}
    with gradebook_file.opened(course) as gradebook:
        for submission in gradebook.assignment_submissions(found.id):
            student = submission.student.id
            book = (course / f"autograded/{student}/{found.id}/{found.id}.ipynb").read_bytes()
            answers = quizzes.read(book, found)
            for grade in submission.notebooks[0].grades:
                about = (student, grade.name)
                (reading,) = answers[grade.name]
                came[about] = Kept(reading.value, grade.auto_score, by_hand.get(about))
    return came


def totals(course: Path, found: Quiz) -> dict[str, float]:
    """What nbgrader itself adds up for each student."""
    with gradebook_file.opened(course) as gradebook:
        return {each.student.id: each.score for each in gradebook.assignment_submissions(found.id)}


def expected_totals(sent: Class) -> dict[str, float]:
    sums: dict[str, float] = {}
    for (student, _), kept in sent.items():
        sums[student] = sums.get(student, 0) + (kept.automatic or 0) + (kept.manual or 0)
    return sums
