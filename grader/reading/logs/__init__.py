"""Training logs: found by content, read by small grammars, returned as runs of epochs with quoted values."""

from grader.reading.logs.discovery import read
from grader.reading.logs.records import Log, Run

__all__ = ["Log", "Run", "read"]
