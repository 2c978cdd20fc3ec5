"""A submission's own programs: Python files and notebooks as syntax trees, read with limits and never run."""

from grader.reading.programs.bindings import Function, argument, called
from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.following import follow
from grader.reading.programs.reader import Reader
from grader.reading.programs.settings import read as settings
from grader.reading.programs.sources import Source, read, unread

__all__ = [
    "UNKNOWN", "Function", "Reader", "Source", "argument", "called", "follow", "read", "settings", "unread",
]  # fmt: skip
