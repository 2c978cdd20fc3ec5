"""Which commit counts and what proves it: pure functions over plain data."""

from grader.deadlines.choice import Candidate, Choice, choose
from grader.deadlines.history import Commit, History, Stamp
from grader.deadlines.instants import Instant, instant, local
from grader.deadlines.timeline import Timeline, timeline
from grader.deadlines.words import duration_words, margin_words

__all__ = [
    "Candidate",
    "Choice",
    "Commit",
    "History",
    "Instant",
    "Stamp",
    "Timeline",
    "choose",
    "duration_words",
    "instant",
    "local",
    "margin_words",
    "timeline",
]
