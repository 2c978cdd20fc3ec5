"""Which commit counts and what proves it: pure functions over plain data."""

from grader.deadlines.choice import Candidate, Choice, choose
from grader.deadlines.evidence import Gathered, Observation, Sighting, Source, Subject, gather
from grader.deadlines.explaining import explanation
from grader.deadlines.history import Commit, History, Stamp
from grader.deadlines.instants import Instant, instant, local
from grader.deadlines.policy import Policy, Status
from grader.deadlines.ruling import Ruling, decide
from grader.deadlines.telling import changes, first_sighting, sentences
from grader.deadlines.timeline import Timeline, timeline
from grader.deadlines.words import duration_words, margin_words, status_words

__all__ = [
    "Candidate",
    "Choice",
    "Commit",
    "Gathered",
    "History",
    "Instant",
    "Observation",
    "Policy",
    "Ruling",
    "Sighting",
    "Source",
    "Stamp",
    "Status",
    "Subject",
    "Timeline",
    "changes",
    "choose",
    "decide",
    "duration_words",
    "explanation",
    "first_sighting",
    "gather",
    "instant",
    "local",
    "margin_words",
    "sentences",
    "status_words",
    "timeline",
]
