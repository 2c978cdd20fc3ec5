"""Training logs: found by content, read by small grammars, returned as runs of epochs with quoted values."""

from grader.logs.discovery import Logs, find, read
from grader.logs.records import Epoch, Evaluation, Log, Run, Size, Value

__all__ = ["Epoch", "Evaluation", "Log", "Logs", "Run", "Size", "Value", "find", "read"]
