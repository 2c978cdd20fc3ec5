"""The two linear models: of a word (from the lexicon and its letters), and of a line (from its words)."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from grader.reading.english import features
from grader.reading.english.scorer import Scorer, Weights
from training.english.lines import Example

CAUTION = {"text": 3.0, "identifier": 2.5}  # a false alarm costs as much as so many misses


def word_weights(scorer: Scorer, examples: Sequence[Example]) -> Weights:
    """Each word of an example counts as evidence for the example's own label."""
    rows, targets, shares = [], [], []
    for example in (example for example in examples if not example.mixed):
        words = scorer.judged_words(example.text)[0]
        for word, facts in words:
            rows.append(features.of_word(word, facts))
            targets.append(example.foreign)
            shares.append(len(words) ** -0.5)
    return _fit(features.WORD_FEATURES, rows, targets, shares, penalty=1.0)


def line_weights(scorer: Scorer, examples: Sequence[Example]) -> Weights:
    rows, targets, shares = [], [], []
    for example in examples:
        seen, persons = scorer.seen(example.text)
        if seen:
            rows.append(features.of_line(seen, example.text, persons))
            targets.append(example.foreign)
            shares.append(1.0 if example.foreign else CAUTION[example.kind])
    return _fit(features.LINE_FEATURES, rows, targets, shares, penalty=1.0)


def _fit(
    names: Sequence[str], rows: list[list[float]], targets: list[bool], shares: list[float], penalty: float
) -> Weights:
    matrix = np.array(rows, dtype=np.float64)
    model = LogisticRegression(C=penalty, max_iter=2000, random_state=0)
    scale = matrix.std(axis=0) + 0.05
    model.fit(matrix / scale, targets, sample_weight=shares)
    coefficients = model.coef_[0] / scale
    return Weights(
        bias=round(float(model.intercept_[0]), 4),
        weights={name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)},
    )
