"""How probable is it that a line, or an identifier, is not English, and by which words?

Each word gets log-odds from the lexicon and from its letters; a small logistic model over the words of the
line gives the probability. Names of persons, addresses, paths and markup are no evidence. Letters of another
script (Cyrillic, Greek, Han...) are evidence by themselves.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from math import exp
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from grader.reading.english import features, persons
from grader.reading.english.allow import Excused
from grader.reading.english.citations import is_citation
from grader.reading.english.features import Seen
from grader.reading.english.lexicon import CACHED_WORDS, FOLDER, LANGUAGES, Facts, Lexicon
from grader.reading.english.words import Word, clean, split

Kind = Literal["text", "identifier"]
SCRIPTS = (
    ("ru", re.compile("[\u0400-\u052f]")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3}")),  # one or two Greek letters are mathematics
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u0d7f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ka", re.compile("[\u10a0-\u10ff\u0530-\u058f]")),
)
OTHER_WORD = re.compile("[\u0370-\u1fff\u3040-\u9fff\uac00-\ud7af]+")
FOREIGN_WORD = 0.5  # log-odds from which a word is named as foreign
LEAST_LETTERS = 4  # of the foreign word of an identifier: van, din, todos' like are everybody's


class Weights(Struct, frozen=True):
    bias: float
    weights: dict[str, float]


class Model(Struct, frozen=True):
    word: Weights
    text: Weights
    identifier: Weights


class Score(Struct, frozen=True):
    """`foreign` is a probability; `language` an ISO 639-1 code or ""; `words` the foreign words, as written.

    `judged` counts the words that were looked at, `known` the foreign ones that the language has.
    """

    foreign: float
    language: str = ""
    words: tuple[str, ...] = ()
    judged: int = 0
    known: int = 0


ENGLISH = Score(0.0)
UNDECIDED = 0.49
NOTHING = Excused()


class Scorer:
    def __init__(self, lexicon: Lexicon, model: Model) -> None:
        self.lexicon = lexicon
        self._word_weights = _ordered(model.word, features.WORD_FEATURES)
        self._word_score = lru_cache(CACHED_WORDS)(self._of_word)
        self._line_weights = {
            "text": _ordered(model.text, features.LINE_FEATURES),
            "identifier": _ordered(model.identifier, features.LINE_FEATURES),
        }

    def score(self, text: str, kind: Kind, excused: Excused = NOTHING) -> Score:
        if kind == "text" and is_citation(text):
            return ENGLISH
        text = excused.without_phrases(text)
        for language, script in SCRIPTS:
            if script.search(text):
                words = tuple(OTHER_WORD.findall(text))
                return Score(0.99, language, words[:8], max(len(split(text)), len("".join(words)) // 3))
        seen, persons = self.seen(text, excused)
        if not seen:
            return ENGLISH
        bias, weights = self._line_weights[kind]
        foreign = _probability(bias, weights, features.of_line(seen, text, persons))
        named = [item for item in seen if item.score > FOREIGN_WORD]
        words = tuple(item.word.text for item in named)
        if kind == "identifier" and not any(len(word) >= LEAST_LETTERS for word in words):
            foreign = min(foreign, UNDECIDED)
        language = language_of(seen)
        known = sum(_has(item, language) for item in named)
        return Score(round(foreign, 4), language, words, len(seen), known)

    def seen(self, text: str, excused: Excused = NOTHING) -> tuple[list[Seen], int]:
        """The judged words of a text, and how many names of persons are left out of them."""
        words, others = self.judged_words(text, excused)
        return [Seen(word, facts, self._word_score(word.text)) for word, facts in words], others

    def judged_words(self, text: str, excused: Excused = NOTHING) -> tuple[list[tuple[Word, Facts]], int]:
        cleaned = clean(text)
        words = [(word, self.lexicon.facts(word.lower)) for word in split(cleaned) if not excused.has(word)]
        left = persons.without(words, cleaned)
        return left, len(words) - len(left)

    def _of_word(self, written: str) -> float:
        """Log-odds, of a word as it is written, that it is not English. The same wherever it stands."""
        word = Word(written, written.lower(), 0)
        bias, weights = self._word_weights
        values = features.of_word(word, self.lexicon.facts(word.lower))
        return bias + sum(weight * value for weight, value in zip(weights, values, strict=True))


def _ordered(weights: Weights, names: Sequence[str]) -> tuple[float, list[float]]:
    return weights.bias, [weights.weights[name] for name in names]


def _probability(bias: float, weights: Sequence[float], values: Sequence[float]) -> float:
    total = bias + sum(weight * value for weight, value in zip(weights, values, strict=True))
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def language_of(seen: Sequence[Seen]) -> str:
    totals = dict.fromkeys(LANGUAGES, 0.0)
    for item in seen:
        if item.score > 0:
            for language in LANGUAGES:
                if _has(item, language):
                    totals[language] += item.score
    best = max(totals, key=lambda language: totals[language])
    return best if totals[best] else ""


def _has(item: Seen, language: str) -> bool:
    return bool(language) and bool(item.facts.entry.languages >> LANGUAGES.index(language) & 1)


@cache
def default() -> Scorer:
    """The scorer that comes with the package, read at its first use."""
    return Scorer(Lexicon(FOLDER), read_model(FOLDER))


def read_model(folder: Path) -> Model:
    return msgspec.json.decode((folder / "weights.json").read_bytes(), type=Model)
