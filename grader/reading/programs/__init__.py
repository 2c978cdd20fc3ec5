"""A submission's own programs: Python files and notebooks as syntax trees, read with limits and never run."""

from typing import TYPE_CHECKING

from grader.ground import lazy

if TYPE_CHECKING:
    from grader.reading.programs.bindings import Function, argument, called
    from grader.reading.programs.configuration import settings
    from grader.reading.programs.constants import UNKNOWN
    from grader.reading.programs.following import follow
    from grader.reading.programs.reader import Reader
    from grader.reading.programs.sources import Source, read, unread
else:
    __getattr__ = lazy.attached(
        __name__,
        {
            "Function": "bindings",
            "Reader": "reader",
            "Source": "sources",
            "UNKNOWN": "constants",
            "argument": "bindings",
            "called": "bindings",
            "follow": "following",
            "read": "sources",
            "settings": "configuration",
            "unread": "sources",
        },
    )

__all__ = [
    "UNKNOWN", "Function", "Reader", "Source", "argument", "called", "follow", "read", "settings", "unread",
]  # fmt: skip
