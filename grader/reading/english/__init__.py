"""English only: finds every line of a submission that is not, with its place, its language and its words.

`inspect` measures, `judge` decides; `score` answers for one line. docs/english.md says what the rules are and
how well they do.
"""

from typing import TYPE_CHECKING

from grader.reading.english.evidence import Hit, Inspection
from grader.reading.english.judging import judge
from grader.reading.english.settings import STANDARD, Allow, Exemption, Settings
from grader.reading.english.sources import Sources

if TYPE_CHECKING:
    from grader.reading.english.scorer import Kind, Score

__all__ = [
    "STANDARD",
    "Allow",
    "Exemption",
    "Hit",
    "Inspection",
    "Settings",
    "Sources",
    "inspect",
    "judge",
    "score",
]


# Who judges saved evidence loads neither the reader of sources nor the model: they come with the first call.


def inspect(sources: Sources, settings: Settings = STANDARD) -> Inspection:
    """Every line that is not English, with its place."""
    from grader.reading.english import inspection

    return inspection.inspect(sources, settings)


def score(text: str, kind: "Kind" = "text") -> "Score":
    """How probable it is that a line, or a defined name (`identifier`), is not English."""
    from grader.reading.english import allow, scorer

    return scorer.default().score(text, kind, allow.usual())
