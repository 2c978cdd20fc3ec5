"""From words to numbers: what the two small linear models (of a word, of a line) look at.

The names are stored with the weights in `model/weights.json`, so that a verdict can be explained and a data
file that does not fit the code is noticed at once.
"""

import re
from collections.abc import Sequence
from math import log

from msgspec import Struct

from grader.reading.english.lexicon import LANGUAGES, Facts
from grader.reading.english.words import Word

ENGLISH_STEPS = (1, 5, 7, 9)  # lower borders of the classes of Entry.english; below the first is unknown
FOREIGN_STEPS = (1, 6, 8, 10)
CODE = re.compile(r"[=(){}\[\]<>_;|&*/\\+$@^~`#]|::|->|\w\.\w")

WORD_FEATURES = (
    *(f"english{row}_foreign{column}" for row in range(5) for column in range(5)),
    "jargon1", "jargon2", "jargon3", "letters2", "letters3", "letters2_foreign", "letters3_foreign",
    "letters4_foreign", "shape_english", "shape_foreign", "shape_unknown", "foreign_lead",
    "jargon_lead", "title", "upper", "accents", "title_name", "compound", "foreign_compound",
)  # fmt: skip
LINE_FEATURES = (
    "mean", "first", "second", "third", "last", "for", "against", "share", "share_strong", "strong",
    "one_language", "one_language_for", "log_words", "one_word", "two_words", "three_words",
    "one_word_first", "two_words_first", "two_words_last", "first_lower", "first_title", "titles",
    "uppers", "accents", "code", "digits", "persons", "long_first", "known_first", "guessed_first",
    "one_word_title", "one_word_upper", "one_word_short", "first_letters", "one_word_letters",
)  # fmt: skip


class Seen(Struct, frozen=True):
    """A word with what the lexicon knows of it. `score` is the log-odds that it is not English."""

    word: Word
    facts: Facts
    score: float


def of_word(word: Word, facts: Facts) -> list[float]:
    entry = facts.entry
    row = sum(entry.english >= border for border in ENGLISH_STEPS)
    column = sum(entry.foreign >= border for border in FOREIGN_STEPS)
    values = [0.0] * 25
    values[row * 5 + column] = 1.0
    letters = len(word.lower)
    known = row > 0 or entry.jargon > 0
    shape = max(-8.0, min(8.0, facts.shape)) / 4
    values += [float(entry.jargon == level) for level in (1, 2, 3)]
    values += [
        letters == 2,
        letters == 3,
        (letters == 2) * column / 4,
        (letters == 3) * column / 4,
        (letters == 4) * column / 4,
    ]
    values += [shape * known, shape * (column > 0 and not known), shape * (column == 0 and not known)]
    lead = (entry.foreign - entry.english) / 8 if column else 0.0
    values += [0.0 if entry.jargon > 1 else lead, lead if entry.jargon > 1 else 0.0]
    values += [
        word.is_title,
        word.text.isupper(),
        not word.lower.isascii(),
        word.is_title and entry.name,
        facts.compound,
        facts.foreign_compound,
    ]
    return [float(value) for value in values]


def of_line(seen: Sequence[Seen], text: str, persons: int) -> list[float]:
    """`seen` is not empty; `persons` words were names of persons and are not in it."""
    scores = sorted((item.score for item in seen), reverse=True)
    number = len(scores)
    in_favour = sum(score for score in scores if score > 0)
    against = sum(score for score in scores if score < 0)
    strong = sum(score > 1.5 for score in scores)
    agreed = _one_language(seen) / in_favour if in_favour else 0.0
    letters = min(10, len(max(seen, key=lambda item: item.score).word.lower)) / 10
    titles = sum(item.word.is_title for item in seen)
    values = [
        sum(scores) / number,
        scores[0],
        scores[1] if number > 1 else 0.0,
        scores[2] if number > 2 else 0.0,
        scores[-1],
        in_favour / number**0.5,
        against / number**0.5,
        sum(score > 0 for score in scores) / number,
        strong / number,
        min(strong, 4) / 4,
        agreed,
        agreed * in_favour / number**0.5,
        log(number),
        number == 1,
        number == 2,
        number == 3,
        (number == 1) * scores[0],
        (number == 2) * scores[0],
        (number == 2) * scores[-1],
        max((item.score for item in seen if not item.word.is_title), default=-3.0),
        max((item.score for item in seen if item.word.is_title), default=-3.0),
        titles / number,
        sum(item.word.text.isupper() for item in seen) / number,
        sum(not item.word.lower.isascii() for item in seen) / number,
        min(1.0, len(CODE.findall(text)) / (number + 1)),
        min(1.0, sum(letter.isdigit() for letter in text) / (len(text) + 1) * 3),
        min(persons, 4) / 4,
        max((item.score for item in seen if len(item.word.lower) > 3), default=-3.0),
        max((item.score for item in seen if item.facts.entry.foreign), default=-3.0),
        max((item.score for item in seen if not item.facts.entry.foreign), default=-3.0),
        number == 1 and titles == 1,
        number == 1 and seen[0].word.text.isupper(),
        number == 1 and len(seen[0].word.lower) < 4,
        letters,
        (number == 1) * letters,
    ]
    return [float(value) for value in values]


def _one_language(seen: Sequence[Seen]) -> float:
    """The evidence of the words of the best single language; a word of no known language agrees with each."""
    totals = [0.0] * len(LANGUAGES)
    unknown = 0.0
    for item in seen:
        if item.score > 0:
            bits = item.facts.entry.languages
            if not bits:
                unknown += item.score
            while bits:
                lowest = bits & -bits
                totals[lowest.bit_length() - 1] += item.score
                bits ^= lowest
    return max(totals) + unknown
