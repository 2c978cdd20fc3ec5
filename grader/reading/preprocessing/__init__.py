"""How a submission prepares its images, and how its weights want them prepared."""

from grader.ground.reference import ALIASED, Reference
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.comparing import FITTING, WRONG, Judged
from grader.reading.preprocessing.found import Found, find, find_for
from grader.reading.preprocessing.pipelines import Chain
from grader.reading.preprocessing.references import Unknown, accepted, nearest
from grader.reading.preprocessing.run_record import is_mixed, recorded

__all__ = [
    "ALIASED", "FITTING", "WRONG", "Backbone", "Chain", "Found", "Judged", "Reference", "Unknown", "accepted",
    "find", "find_for", "is_mixed", "nearest", "recorded",
]  # fmt: skip
