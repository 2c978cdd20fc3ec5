"""A submission's own programs: Python files and notebooks as syntax trees, read with limits and never run."""

from grader.programs.bindings import Function, argument, called
from grader.programs.constants import UNKNOWN
from grader.programs.following import follow
from grader.programs.reader import Reader
from grader.programs.settings import read as settings
from grader.programs.sources import Source, read, unread

__all__ = [
    "UNKNOWN", "Function", "Reader", "Source", "argument", "called", "follow", "read", "settings", "unread",
]  # fmt: skip
