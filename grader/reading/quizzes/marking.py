"""What an answer is worth. Pure: the same answer and question always give the same mark."""

from collections.abc import Collection
from typing import Any, Literal

from msgspec import Struct

from grader.reading.quizzes import wording
from grader.reading.quizzes.questions import Choosing, Free, Multiple, Number, Question, Short, Single

Said = Literal[
    "right", "partly right", "wrong", "not answered", "not in the form", "for a person", "not asked"
]


class Mark(Struct, frozen=True):
    """A share of the question's points, from `least` to `most`, and what was said; `form` is what to mend."""

    least: float
    most: float
    said: Said
    form: str = ""


EMPTY = Mark(0, 0, "not answered")
# Of the larger of value and tolerance: what floating point adds to a border is nobody's mistake.
SLACK = 1e-9


def mark(question: Question, value: Any) -> Mark:
    """`value` is a literal that a student wrote: None, or of any plain type."""
    if is_empty(value):
        return EMPTY
    match question:
        case Single():
            return _single(question, value)
        case Multiple():
            return _multiple(question, value)
        case Number():
            return _number(question, value)
        case Short():
            return _short(question, value)
        case Free():
            return _free(value)


def is_empty(value: Any) -> bool:
    """What a cell that nobody filled in holds."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def share(chosen: Collection[str], question: Multiple) -> float:
    """`all`: 1 for exactly the right choices; `share`: right ones less wrong ones, of all right ones."""
    right = set(question.correct)
    if question.partial == "all":
        return float(set(chosen) == right)
    return max(0, len(right & set(chosen)) - len(set(chosen) - right)) / len(right)


def _of(earned: float) -> Mark:
    return Mark(earned, earned, "right" if earned == 1 else "partly right" if earned else "wrong")


def _malformed(form: str) -> Mark:
    return Mark(0, 0, "not in the form", form)


def chosen(question: Choosing, value: Any) -> list[str] | None:
    """The ids of the choices that an answer names, each once; None where it names something else.

    Taken are an id, a list of ids, and ids with commas between them; case and blanks do not matter.
    """
    written = value.split(",") if isinstance(value, str) else value
    if not isinstance(written, list) or not all(isinstance(each, str) for each in written):
        return None
    by_form = {choice.casefold(): choice for choice in question.choices}
    found = [by_form.get(each.strip().casefold(), "") for each in written]
    return list(dict.fromkeys(found)) if all(found) else None


def _single(question: Single, value: Any) -> Mark:
    found = chosen(question, value)
    known = ", ".join(f'"{choice}"' for choice in sorted(question.choices))
    if not found:
        return _malformed(f"expected one of {known}")
    if len(found) > 1:
        return _malformed(f"{len(found)} choices where one is asked for: one of {known}")
    return _of(float(found[0] == question.correct))


def _multiple(question: Multiple, value: Any) -> Mark:
    found = chosen(question, value)
    if not found:
        known = ", ".join(f'"{choice}"' for choice in sorted(question.choices))
        return _malformed(f"expected a list of some of {known}")
    return _of(share(found, question))


def _number(question: Number, value: Any) -> Mark:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _doubtful_number(value)
    slack = SLACK * max(abs(question.value), abs(question.tolerance))
    return _of(float(abs(value - question.value) <= question.tolerance + slack))


def _doubtful_number(value: Any) -> Mark:
    """Python reads 3,5 as two numbers, and "3.5" is a text: a person sees what was meant."""
    text = ".".join(map(str, value)) if isinstance(value, list) and len(value) == 2 else str(value)
    try:
        float(text.replace(",", "."))
    except ValueError:
        return _malformed("expected a number, such as 3.5")
    return Mark(
        0, 1, "for a person", "this is no number in Python: write 3.5, with a point and without quotes"
    )


def _short(question: Short, value: Any) -> Mark:
    if not isinstance(value, str):
        return _malformed('expected a word or two between quotes: "..."')
    return _of(float(wording.same(value) in {wording.same(form) for form in question.accepted}))


def _free(value: Any) -> Mark:
    if not isinstance(value, str):
        return _malformed("expected text")
    return Mark(0, 1, "for a person")
