"""Training logs: found by content, read by small grammars, returned as runs of epochs with quoted values."""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.reading.logs.log_evidence import LogEvidence
from grader.reading.logs.records import FILE_LIMIT, Log, Run

if TYPE_CHECKING:
    from grader.reading.logs.discovery import find, read
    from grader.reading.logs.evidence import declared, found
    from grader.reading.logs.stated import in_text
else:
    __getattr__ = lazy.attached(
        __name__,
        {
            "declared": "evidence",
            "find": "discovery",
            "found": "evidence",
            "in_text": "stated",
            "read": "discovery",
        },
    )

__all__ = ["FILE_LIMIT", "Log", "LogEvidence", "Run", "declared", "find", "found", "in_text", "read"]
