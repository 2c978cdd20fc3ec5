"""How a submission prepares its images, and how its weights want them prepared."""

from grader.preprocessing.backbones import Backbone
from grader.preprocessing.comparing import FITTING, WRONG, Judged
from grader.preprocessing.found import Found, find, find_for
from grader.preprocessing.references import Reference, Unknown, accepted, nearest
from grader.preprocessing.run_record import recorded

__all__ = [
    "FITTING", "WRONG", "Backbone", "Found", "Judged", "Reference", "Unknown", "accepted", "find",
    "find_for", "nearest", "recorded",
]  # fmt: skip
