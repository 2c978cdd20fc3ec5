"""Deadlines as instants: a local time in an IANA zone, through the whole of its last minute or second."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from grader.ground.errors import GraderError

_WRITTEN = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[ T]\d\d:\d\d)(?P<second>:\d\d)?(?P<offset>Z|[+-]\d\d:\d\d)?", re.ASCII
)


class Instant(Struct, frozen=True):
    """`last` is the last second that is in time, counted from 1970 in UTC; `zone` is for showing it.

    `warnings` say what a change of the clocks made of the time as `written`.
    """

    last: int
    zone: str
    written: str
    warnings: tuple[str, ...] = ()


def instant(written: str, zone: str) -> Instant:
    """`2020-11-10 23:59` in `Europe/Budapest`: through 23:59:59 there. A time with an offset keeps its own.

    A time that the clocks show twice is the later one; a time that they skip is moved forward by what they
    skip.

    Raises:
        GraderError: not a date with a time, or no such zone.
    """
    place, (naive, offset) = _zone(zone), _parsed(written)
    if offset is not None:
        return Instant(int(naive.replace(tzinfo=offset).timestamp()), zone, written)
    first, second = (naive.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Instant(int(first.timestamp()), zone, written)
    if _exists(first):
        warning = f"{written} comes twice in {zone}, as the clocks go back; the later one counts"
        return Instant(int(second.timestamp()), zone, written, (warning,))
    later = first.astimezone(UTC).astimezone(place)
    warning = f"{written} does not exist in {zone}, as the clocks go forward; {later:%H:%M} counts"
    return Instant(int(first.timestamp()), zone, written, (warning,))


def _parsed(written: str) -> tuple[datetime, tzinfo | None]:
    """The last second that is meant, and the offset if one is written. Raises GraderError."""
    match = _WRITTEN.fullmatch(written.strip())
    try:
        if match:
            moment = datetime.fromisoformat(f"{match['minute']}{match['second'] or ':59'}")
            offset = match["offset"]
            return moment, datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo if offset else None
    except ValueError:
        pass
    raise GraderError(f"the deadline {written!r} is not a time; write it as 2020-11-10 23:59")


def moved(deadline: Instant, days: int) -> Instant:
    """The same local time `days` later: a late day is a day on the calendar, not 24 hours."""
    place = _zone(deadline.zone)
    local = datetime.fromtimestamp(deadline.last, place) + timedelta(days=days)
    last = max(int(local.replace(fold=fold).timestamp()) for fold in (0, 1))
    return Instant(last, deadline.zone, deadline.written)


def local(seconds: int, zone: str) -> str:
    """A moment in local time and in UTC: `2020-11-10 23:59:59 CET (22:59:59 UTC)`."""
    there = datetime.fromtimestamp(seconds, _zone(zone))
    utc = there.astimezone(UTC)
    day = "" if utc.date() == there.date() else f"{utc:%Y-%m-%d} "
    return f"{there:%Y-%m-%d %H:%M:%S %Z} ({day}{utc:%H:%M:%S} UTC)"


def _exists(there: datetime) -> bool:
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None) == there.replace(tzinfo=None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise GraderError(f"there is no time zone {name!r}; name one as Europe/Budapest") from None
