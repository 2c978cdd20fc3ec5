"""Deadlines as spreadsheets write them, brought into the one form that the rest of the grader reads."""

import re

from grader import deadlines

# 2020-11-12, 2020.11.12., 2020. 11. 12., 2020/11/12; with dots the day may come first, as in 12.11.2020
_DATED = re.compile(
    r"(?:(?P<year>\d{4})(?P<by>[-./]) ?(?P<month>\d{1,2})(?P=by) ?(?P<day>\d{1,2})\.?"
    r"|(?P<day1>\d{1,2})\. ?(?P<month1>\d{1,2})\. ?(?P<year1>\d{4}))"
    r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::00)?)?",
    re.ASCII,
)


def plain(written: str) -> str:
    """`2020-11-12 23:59`; a day alone is meant to its end.

    Raises:
        GraderError: it is no time, or one that can be read in two ways, such as 11/12/2020.
    """
    found = _DATED.fullmatch(written)
    if found:
        year, month, day = (found[name] or found[f"{name}1"] for name in ("year", "month", "day"))
        clock = f"{int(found['hour']):02}:{found['minute']}" if found["hour"] else "23:59"
        written = f"{year}-{int(month):02}-{int(day):02} {clock}"
    deadlines.instant(written, "UTC")
    return written
