"""The tests with the key, which nbgrader runs below each answer and takes out of what it releases."""

from grader.reading.quizzes import Free, Multiple, Number, Question, Short, Single, wording
from grader.reading.quizzes.marking import SLACK

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"

# `wording.same` once more, for a notebook that has nothing of this project. A test compares the two.
SAME = f"""\
import re, unicodedata
def _same(text):
    joined = re.sub({wording.JOINED.pattern!r}, " ", unicodedata.normalize("NFKC", text).casefold())
    return joined.strip({wording.EDGES!r})
"""


def region(question: Question) -> str:
    """Lines that follow those of the form; "" where a person decides."""
    test = _test(question)
    return f"\n{BEGIN}\n{test}\n{END}" if test else ""


def _test(question: Question) -> str:
    name = question.variable
    match question:
        case Free():
            return ""
        case Single():
            return f"assert {name} == {question.correct!r}"
        case Multiple(partial="all"):
            return f"assert set({name}) == {_set(question.correct)}"
        case Multiple():
            # nbgrader takes the value of the last line as points.
            return (
                f"_right, _chosen = {_set(question.correct)}, set({name})\n"
                f"{question.points!r} * max(0, len(_chosen & _right) - len(_chosen - _right)) / len(_right)"
            )
        case Number():
            slack = SLACK * max(abs(question.value), abs(question.tolerance))
            return f"assert abs({name} - {question.value!r}) <= {question.tolerance + slack!r}"
        case Short():
            forms = sorted({wording.same(form) for form in question.accepted})
            return f"{SAME}assert _same({name}) in {forms!r}"


def _set(choices: tuple[str, ...]) -> str:
    return "{" + ", ".join(repr(choice) for choice in sorted(choices)) + "}"
