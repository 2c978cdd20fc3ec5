"""How a submission prepares its images, and how its weights want them prepared."""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.ground.reference import ALIASED, Reference
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.records import FITTING, WRONG, Found, Judged
from grader.reading.preprocessing.references import Unknown, accepted, nearest

if TYPE_CHECKING:
    from grader.reading.preprocessing.chain import Chain
    from grader.reading.preprocessing.found import find, find_for
    from grader.reading.preprocessing.run_record import is_mixed, recorded
else:
    __getattr__ = lazy.attached(
        __name__,
        {
            "Chain": "chain",
            "find": "found",
            "find_for": "found",
            "is_mixed": "run_record",
            "recorded": "run_record",
        },
    )

__all__ = [
    "ALIASED", "FITTING", "WRONG", "Backbone", "Chain", "Found", "Judged", "Reference", "Unknown", "accepted",
    "find", "find_for", "is_mixed", "nearest", "recorded",
]  # fmt: skip
