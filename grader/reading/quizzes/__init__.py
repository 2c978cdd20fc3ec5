"""Quizzes: their source as records, mistakes in it, answers in a notebook, and what they are worth.

An answer is a literal. Nothing that a student wrote is executed, and no notebook is ever run.
"""

from grader.reading.quizzes.answers import Answers, Live, Reading, Totals, read
from grader.reading.quizzes.lint import Mistake, mistakes
from grader.reading.quizzes.marking import Mark, mark
from grader.reading.quizzes.questions import Free, Multiple, Number, Question, Short, Single
from grader.reading.quizzes.results import Result, Scoring, key_in_words, what_is_right
from grader.reading.quizzes.source import NAME, Quiz, load

__all__ = [
    "NAME",
    "Answers",
    "Free",
    "Live",
    "Mark",
    "Mistake",
    "Multiple",
    "Number",
    "Question",
    "Quiz",
    "Reading",
    "Result",
    "Scoring",
    "Short",
    "Single",
    "Totals",
    "key_in_words",
    "load",
    "mark",
    "mistakes",
    "read",
    "what_is_right",
]
