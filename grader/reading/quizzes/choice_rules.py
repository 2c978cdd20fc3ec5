"""What choices and their key may have wrong with them."""

import re
from collections.abc import Iterator

from grader.ground.toml import did_you_mean
from grader.reading.quizzes import wording
from grader.reading.quizzes.complaint import Complaint
from grader.reading.quizzes.questions import Multiple, Single

FEWEST, MOST, MOST_IN_KAHOOT = 2, 8, 4
LONGEST = 75  # characters, in Kahoot's sheet
ID = re.compile(r"[a-z0-9][a-z0-9-]*")
TELLING = re.compile(r"right|wrong|correct|incorrect|key|answer|solution|distractor|good|bad")
MARKED = re.compile(
    r"\((?:correct|right|wrong|incorrect)\)|[\u2713\u2714\u2705\u2717\u2718]|\*{3}", re.IGNORECASE
)
RELATIVE = re.compile(r"\b(?:all|none|both|neither) of (?:the|these)\b|\babove\b|\bbelow\b", re.IGNORECASE)


def of_choices(question: Single | Multiple) -> Iterator[Complaint]:
    yield from _count(question)
    yield from _ids(question)
    yield from _texts(question)
    yield from _plain(question)
    yield from _correct(question)


def _count(question: Single | Multiple) -> Iterator[Complaint]:
    count = len(question.choices)
    if count < FEWEST:
        yield Complaint(
            "choices", f"{count} choices, expected {FEWEST} or more", "add what else could be chosen"
        )
    if count > MOST:
        yield Complaint(
            "choices", f"{count} choices, more than the {MOST} that one can weigh", "leave some out"
        )
    elif question.kahoot and count > MOST_IN_KAHOOT:
        hint = "leave some out, or set kahoot = false"
        yield Complaint("choices", f"{count} choices, Kahoot's sheet takes {MOST_IN_KAHOOT}", hint)


def _ids(question: Single | Multiple) -> Iterator[Complaint]:
    for choice in question.choices:
        if not ID.fullmatch(choice):
            yield Complaint(
                "choices", f"the choice {choice!r} is no plain word", "use small letters, digits, hyphens"
            )
        elif TELLING.fullmatch(choice):
            yield Complaint(
                "choices", f"the choice {choice} tells by its name what it is", "name what it says"
            )


def _texts(question: Single | Multiple) -> Iterator[Complaint]:
    seen: dict[str, str] = {}
    for choice, text in question.choices.items():
        plain = wording.same(text)
        if not text.strip():
            yield Complaint("choices", f"the choice {choice} has no text", "say what is chosen")
        elif plain in seen:
            yield Complaint(
                "choices", f"the choices {seen[plain]} and {choice} say the same", "change one of them"
            )
        if MARKED.search(text):
            yield Complaint(
                "choices", f"the choice {choice} is marked in its text: {text}", "the key is in correct"
            )
        if RELATIVE.search(text) and not question.ordered:
            hint = "say it without, or set ordered = true"
            yield Complaint("choices", f"the choice {choice} speaks of others, and the order is dealt", hint)
        seen.setdefault(plain, choice)


def _plain(question: Single | Multiple) -> Iterator[Complaint]:
    for choice in question.plain_choices.keys() - question.choices.keys():
        near = did_you_mean(choice, question.choices)
        yield Complaint("plain_choices", f"plain_choices names {choice!r}, which is no choice{near}")
    for choice, text in question.choices.items():
        spoken = question.spoken_choice(choice)
        if not wording.is_plain(spoken):
            hint = f"add {choice} to plain_choices, in words"
            yield Complaint("choices", f"the choice {choice} has formulas or code: {text}", hint)
        elif odd := wording.unprintable(spoken):
            hint = f"say {choice} in plain_choices, in letters"
            yield Complaint("choices", f"the choice {choice} has {odd}, which print does not have", hint)
        elif question.kahoot and len(spoken) > LONGEST:
            hint = "shorten it in plain_choices, or set kahoot = false"
            yield Complaint(
                "choices", f"the choice {choice} has {len(spoken)} characters, Kahoot takes {LONGEST}", hint
            )
    spoken_texts = [wording.same(question.spoken_choice(choice)) for choice in question.choices]
    if question.plain_choices and len(set(spoken_texts)) < len(spoken_texts):
        yield Complaint(
            "plain_choices", "two choices are the same in plain_choices", "tell them apart there too"
        )


def _correct(question: Single | Multiple) -> Iterator[Complaint]:
    correct = (question.correct,) if isinstance(question, Single) else question.correct
    if not correct:
        yield Complaint("correct", "correct is empty", "name the choices that are right")
    for choice in correct:
        if choice not in question.choices:
            near = did_you_mean(choice, question.choices)
            yield Complaint("correct", f"correct names {choice!r}, which is no choice{near}")
    if len(set(correct)) < len(correct):
        yield Complaint("correct", "correct names a choice twice", "name it once")
