"""Labelled examples for the two linear models: English as programmers write it, and other languages.

Students' lines are short, half finished, and mix languages; translations of programs are whole sentences. So
the examples are cut, stripped of accents, mixed with jargon and decorated, on both sides alike.
"""

import random
import re
from collections.abc import Sequence

from msgspec import Struct

from grader.reading.english.lexicon import Entry
from grader.reading.english.words import clean, plain, split

SHARES = {
    "hu": 0.50, "de": 0.08, "ro": 0.06, "sk": 0.06, "sr": 0.06, "es": 0.04, "fr": 0.04, "it": 0.03,
    "pl": 0.04, "tr": 0.03, "cs": 0.02, "sl": 0.02, "pt": 0.01, "nl": 0.01,
}  # fmt: skip
FRAMES = ("{}",) * 12 + (
    "# {}",
    "## {}",
    "- {}",
    "* {}",
    "{}:",
    "{}...",
    "--- {} ---",
    "{}: {{value}}",
    "1. {}",
    "TODO: {}",
    "{}!",
    "%% {}",
    "[{}]",
    "{} = 5",
    "{}: %d",
)  # noqa: E501
NAME_SHAPES = ("{}",) * 14 + ("_{}", "__{}", "{}_", "{}1", "{}_2", "x_{}", "L2_{}", "{}_3d")
NAME_FRAMES = (
    "Author: {0}", "**Author:** {0}", "written by {0}", "(c) 2020 {0}", "{0}", "- {0} [AB12CD]",
    "| {0} | XYZ123 | data |", "Student Name: {0} (AB12CD)", "Thanks to {0} for the help",
    "Created by {0}", "based on the work of {0}", "@author {0}", "{0}, {1}",
    "{0} and {1} wrote the data loader", "Supervisor: Dr. {0}", "Team: {0}, {1}", "{0} et al., 2019",
    "Merge pull request #12 from {0}/master", "Copyright {0}", "maintainer = {0}",
    "Reviewed by {0} and {1}",
)  # fmt: skip


class Example(Struct, frozen=True):
    """`mixed`: not every word of it is evidence for its label."""

    text: str
    kind: str  # text or identifier
    foreign: bool
    mixed: bool = False


Sentences = dict[str, list[str]]  # by language


def foreign(sentences: Sentences, jargon: Sequence[str], number: int, dice: random.Random) -> list[Example]:
    found = []
    for language, share in SHARES.items():
        pool = sentences[language]
        for _ in range(int(number * share)):
            text = _cut(dice.choice(pool), dice)
            if dice.random() < (0.6 if language == "hu" else 0.5):
                text = plain(text)
            mixed = dice.random() < 0.2
            text = _mix(text, jargon, dice) if mixed else text
            found.append(Example(dice.choice(FRAMES).format(text), "text", True, mixed))
    return found


def english(lines: Sequence[str], number: int, dice: random.Random) -> list[Example]:
    found = []
    for _ in range(number):
        text = _cut(dice.choice(lines), dice)
        found.append(Example(dice.choice(FRAMES).format(text), "text", False))
    return found


def persons(names: Sequence[str], number: int, dice: random.Random) -> list[Example]:
    def person() -> str:
        name = " ".join(dice.choice(names).capitalize() for _ in range(dice.choice((2, 2, 2, 3))))
        return plain(name) if dice.random() < 0.3 else name

    return [
        Example(dice.choice(NAME_FRAMES).format(person(), person()), "text", False) for _ in range(number)
    ]


def quoted_classes(
    lines: Sequence[str], foreign_words: Sequence[str], number: int, dice: random.Random
) -> list[Example]:
    """English sentences that name a class, a place or a work by its own foreign name, with a capital."""
    found = []
    for _ in range(number):
        words = dice.choice(lines).split()
        if len(words) < 6:
            continue
        words.insert(dice.randrange(len(words)), dice.choice(foreign_words).capitalize())
        found.append(Example(" ".join(words[:14]), "text", False, mixed=True))
    return found


def identifiers(
    words: Sequence[Sequence[str]], jargon: Sequence[str], number: int, dice: random.Random
) -> list[Example]:
    """Foreign identifiers made of neighbouring words of foreign sentences, some with a jargon word beside."""
    found = []
    for _ in range(number):
        group = dice.choice(words)
        start = dice.randrange(len(group))
        chosen = group[start : start + dice.choice((1, 1, 1, 2, 2, 3))]
        bare = dice.random() < 0.9
        parts = [plain(word) if bare else word for word in chosen]
        mixed = dice.random() < 0.2
        if mixed:
            parts.insert(dice.randrange(len(parts) + 1), dice.choice(jargon))
        name = dice.choice(NAME_SHAPES).format(_join(parts, dice))
        found.append(Example(name, "identifier", True, mixed))
    return found


def _join(parts: list[str], dice: random.Random) -> str:
    style = dice.random() if len(parts) > 1 else dice.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.7, 0.95))
    if style < 0.6:
        return "_".join(parts)
    if style < 0.75:
        return "_".join(parts).upper()
    capitals = [part.capitalize() for part in parts]
    return "".join([parts[0], *capitals[1:]] if style < 0.9 else capitals)


def _cut(text: str, dice: random.Random) -> str:
    """The whole line, or a few neighbouring words of it, with or without its capital."""
    words = text.split()
    chance = dice.random()
    if chance < 0.35 or len(words) < 2:
        return " ".join(words[:30])
    length = dice.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8))
    start = dice.randrange(max(1, len(words) - length + 1))
    cut = " ".join(words[start : start + length])
    return cut.lower() if chance < 0.6 else cut


def _mix(text: str, jargon: Sequence[str], dice: random.Random) -> str:
    words = text.split()
    for _ in range(dice.choice((1, 1, 2))):
        words.insert(dice.randrange(len(words) + 1), dice.choice(jargon))
    return " ".join(words)


def is_foreign(text: str, words: dict[str, Entry]) -> bool:
    """Whether a cut of a foreign sentence still holds a word that is not English as well."""
    unknown = Entry()
    for word in split(clean(text)):
        entry = words.get(word.lower, unknown)
        if len(word.lower) > 2 and not entry.jargon and entry.english < max(entry.foreign - 2, 1):
            return True
    return False


def is_prose(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text)) and len(text) < 400 and "<" not in text
