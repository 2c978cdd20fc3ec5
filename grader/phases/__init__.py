"""The two phases of a training in code: head first, then upper layers, with a new optimiser between."""

from grader.phases.events import Event, events
from grader.phases.order import Phases, find, judge

__all__ = ["Event", "Phases", "events", "find", "judge"]
