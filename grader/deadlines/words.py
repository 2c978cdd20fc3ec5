"""Durations and statuses as people say them."""

UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def duration_words(seconds: int) -> str:
    """The two largest parts of a duration: `2 days 3 h`, `30 min 59 s`, `0 s`."""
    parts: list[str] = []
    rest = abs(seconds)
    for unit, length in UNITS:
        count, rest = divmod(rest, length)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}")
        elif parts:
            break
    return " ".join(parts[:2])


def margin_words(seconds: int) -> str:
    """How far from the deadline, `seconds` being what was left: `30 min 59 s before the deadline`."""
    if seconds == 0:
        return "in the last second before the deadline"
    return f"{duration_words(seconds)} {'before' if seconds > 0 else 'after'} the deadline"


def status_words(status: str) -> str:
    """`CLAIMED_IN_TIME` as `claimed in time`."""
    return status.replace("_", " ").lower()
