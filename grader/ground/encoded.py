"""Text as files hold it: UTF-8, with or without a byte order mark, or UTF-16 with one."""

import codecs
import re

# What git writes into a file around two versions, in this order.
CONFLICT = tuple(re.compile(mark, re.MULTILINE) for mark in (r"^<<<<<<< ", r"^=======\r?$", r"^>>>>>>> "))


def text(content: bytes) -> str:
    """Raises UnicodeDecodeError."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf16 else "utf-8-sig")


def conflict(text: str) -> int:
    """The line on which a merge conflict begins that nobody resolved, from 1; 0 without one."""
    first = at = -1
    for mark in CONFLICT:
        found = mark.search(text, at + 1)
        if not found:
            return 0
        at = found.start()
        first = at if first < 0 else first
    return text.count("\n", 0, first) + 1
