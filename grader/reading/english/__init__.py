"""English only: finds every line of a submission that is not, with its place, its language and its words.

`inspect` measures, `judge` decides; `score` answers for one line. docs/english.md says what the rules are and
how well they do.
"""

from grader.reading.english import allow, scorer
from grader.reading.english.allow import Allow, Exemption
from grader.reading.english.evidence import Hit, Inspection
from grader.reading.english.inspection import Sources, inspect
from grader.reading.english.judging import judge
from grader.reading.english.scorer import Kind, Score
from grader.reading.english.settings import STANDARD, Settings

__all__ = [
    "STANDARD",
    "Allow",
    "Exemption",
    "Hit",
    "Inspection",
    "Score",
    "Settings",
    "Sources",
    "inspect",
    "judge",
    "score",
]


def score(text: str, kind: Kind = "text") -> Score:
    """How probable it is that a line, or a defined name (`identifier`), is not English."""
    return scorer.default().score(text, kind, allow.usual())
