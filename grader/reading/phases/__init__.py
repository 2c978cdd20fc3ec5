"""The two phases of a training in code: head first, then upper layers, with a new optimiser between."""

from grader.reading.phases.order import Phases, find

__all__ = ["Phases", "find"]
