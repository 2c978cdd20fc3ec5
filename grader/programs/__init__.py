"""A submission's own programs: Python files and notebooks as syntax trees, read with limits and never run."""

from grader.programs.grouping import Program, programs
from grader.programs.reader import UNKNOWN, Reader
from grader.programs.sources import Command, Source, python_files, read, unread

__all__ = ["UNKNOWN", "Command", "Program", "Reader", "Source", "programs", "python_files", "read", "unread"]
