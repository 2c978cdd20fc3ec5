"""The two phases of a training in code: head first, then upper layers, with a new optimiser between."""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.reading.phases.records import Phases

if TYPE_CHECKING:
    from grader.reading.phases.order import find
else:
    __getattr__ = lazy.attached(__name__, {"find": "order"})

__all__ = ["Phases", "find"]
