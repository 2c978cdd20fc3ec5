"""What a spreadsheet program makes of a text that looks like something else to it."""

import re

_NUMBER = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE][+-]?\d{2,3}")
_FAILED = re.compile(r"#+|#(?:N/A|NAME\?|REF!|VALUE!|NUM!|DIV/0!)")


def damaged(text: str) -> bool:
    """Whether this is a number or a complaint that a spreadsheet wrote in place of a code or an id.

    `1.23457E+15` was an id of sixteen digits, `1E+05` the code `1E5`; what was cut off cannot be told.
    """
    return bool(_NUMBER.fullmatch(text.strip()) or _FAILED.fullmatch(text.strip()))
