"""The character n-gram model of single words: does it look English, like jargon, or like another language?"""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from grader.reading.english.lexicon import LANGUAGES, NGRAM_BITS, NGRAM_STEP, UNKNOWN, Entry, ngrams
from training.english import archives, wordlists

Weights = np.ndarray[Any, np.dtype[np.int8]]
Weighted = list[tuple[str, int, float]]  # word, 1 when it is foreign, weight
INFLECTED = 250_000  # Hungarian word forms without a known frequency
PENALTY = 2.0
RARE_FOREIGN = 6


def examples(folder: Path, words: dict[str, Entry], rare: Iterable[str]) -> Weighted:
    """English and jargon words against those of other languages; a word of both counts where it is commoner.

    `rare` are words of single programming packages: the best sample of what students invent.
    """
    return [*_foreign(folder, words), *_rare(words, rare), *_english(words)]


def _foreign(folder: Path, words: dict[str, Entry]) -> Iterator[tuple[str, int, float]]:
    found: dict[str, float] = {}
    for language in LANGUAGES:
        share = 1.5 if language == "hu" else 1.0 if language in wordlists.LEAST_FOREIGN else 0.6
        listed = archives.frequencies(folder, wordlists.LIST_NAMES.get(language, language), "small")
        for word, zipf in listed.items():
            if wordlists.WORD.fullmatch(word) and len(word) > 2:
                for spelling in sorted(wordlists.spellings(word, language)):
                    found[spelling] = max(found.get(spelling, 0), share * (zipf - 2))
    for form in random.Random(1).sample(archives.inflected_forms("hu"), INFLECTED):
        if wordlists.WORD.fullmatch(form) and form.islower():
            for spelling in sorted(wordlists.spellings(form, "hu")):
                found.setdefault(spelling, 0.7)
    for word, weight in found.items():
        entry = words.get(word, UNKNOWN)
        if not entry.jargon and entry.english < max(entry.foreign - 2, 4):
            yield word, 1, weight


def _rare(words: dict[str, Entry], rare: Iterable[str]) -> Iterator[tuple[str, int, float]]:
    for word in rare:
        entry = words.get(word, UNKNOWN)
        if not entry.jargon and entry.foreign < RARE_FOREIGN and not entry.name:
            yield word, 0, 0.8


def _english(words: dict[str, Entry]) -> Iterator[tuple[str, int, float]]:
    for word, entry in words.items():
        if entry.english >= entry.foreign and (entry.english or entry.jargon):
            yield word, 0, 0.5 + entry.english / 4 + entry.jargon


def fit(found: Weighted) -> Weights:
    """int8 weights of the hashed n-grams, in units of NGRAM_STEP."""
    targets = np.array([target for _, target, _ in found])
    weights = np.array([weight for *_, weight in found])
    weights[targets == 1] *= weights[targets == 0].sum() / weights[targets == 1].sum()
    weights *= len(weights) / weights.sum()
    model = LogisticRegression(C=PENALTY, solver="liblinear", max_iter=60, random_state=0)
    model.fit(features(word for word, *_ in found), targets, sample_weight=weights)
    weights_in_steps: Weights = np.clip(np.rint(model.coef_[0] / NGRAM_STEP), -127, 127).astype(np.int8)
    return weights_in_steps


def features(words: Iterable[str]) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for word in words:
        slots = sorted(ngrams(word))
        columns += slots
        values += [len(slots) ** -0.5] * len(slots)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(ends) - 1, 1 << NGRAM_BITS), dtype=np.float32)
