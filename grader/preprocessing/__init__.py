"""How a submission prepares its images, and how its weights want them prepared."""

from grader.preprocessing.backbones import Backbone
from grader.preprocessing.comparing import FITTING, WRONG, Judged
from grader.preprocessing.found import Found, find, find_for
from grader.preprocessing.pipelines import Chain
from grader.preprocessing.references import ALIASED, Reference, Unknown, accepted, nearest
from grader.preprocessing.run_record import is_mixed, recorded

__all__ = [
    "ALIASED", "FITTING", "WRONG", "Backbone", "Chain", "Found", "Judged", "Reference", "Unknown", "accepted",
    "find", "find_for", "is_mixed", "nearest", "recorded",
]  # fmt: skip
