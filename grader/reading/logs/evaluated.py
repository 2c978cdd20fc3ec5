"""Reads from a cell's source on which split it evaluates: `model.evaluate(test_set)` prints no split."""

import re

from msgspec.structs import replace

from grader.reading.logs.names import SPLITS
from grader.reading.logs.records import Evaluation, Log, Split

CALL = re.compile(
    r"\b(?:evaluate\w{0,40}|(?P<compares>classification_report|accuracy_score))\s{0,4}"
    r"\((?P<arguments>[^()]{0,300})"
)
WORD = re.compile(r"(?<![A-Za-z])(train|training|val|valid|validation|test|testing)(?![a-z])", re.IGNORECASE)


def with_split(log: Log, source: str) -> Log:
    """The log with the split of its evaluations, where every evaluation in the source is on the same one."""
    split = _split(source)
    if not split or not log.evaluations:
        return log
    return replace(
        log,
        evaluations=tuple(_named(found, split) for found in log.evaluations),
        passes=tuple(replace(found, split=found.split or split) for found in log.passes),
    )


def _split(source: str) -> Split:
    calls = [
        words
        for call in CALL.finditer(source)
        if (words := {SPLITS[word.lower()] for word in WORD.findall(call["arguments"])})
        or not call["compares"]  # what is compared, `y_true` with `y_pred`, may be called anything
    ]
    named: set[Split] = set().union(*calls)
    return named.pop() if len(named) == 1 and all(calls) else ""


def _named(evaluation: Evaluation, split: Split) -> Evaluation:
    values = tuple(value if value.split else replace(value, split=split) for value in evaluation.values)
    return replace(evaluation, values=values)
