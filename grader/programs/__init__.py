"""A submission's own programs: Python files and notebooks as syntax trees, read with limits and never run."""

from grader.programs.bindings import Function, argument, called
from grader.programs.constants import UNKNOWN
from grader.programs.following import follow
from grader.programs.grouping import Program
from grader.programs.reader import Reader
from grader.programs.settings import read as settings
from grader.programs.sources import Command, Source, python_files, read, unread

__all__ = [
    "UNKNOWN", "Command", "Function", "Program", "Reader", "Source", "argument", "called", "follow",
    "python_files", "read", "settings", "unread",
]  # fmt: skip
