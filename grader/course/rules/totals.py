"""Points become percent: of each part, and of the whole. Pure; a range stays a range.

Each assignment of a part counts the same, whatever its points are, so that the best so many are those with
the highest shares and no choice among them can matter.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from grader.course.rules import Part
from grader.course.standing import Standing
from grader.ground.verdict import Points

PERCENT = 100.0


def after_free_days(standings: Sequence[Standing], free: int) -> tuple[Standing, ...]:
    """With the late days forgiven that a course gives away: the earliest deadlines take them first."""
    left = free
    forgiven: dict[str, int] = {}
    for each in sorted(standings, key=lambda one: (one.due, one.assignment)):
        used = min(left, each.late_days) if not each.excused else 0
        forgiven[each.assignment] = used
        left -= used
    return tuple(replace(each, forgiven=forgiven[each.assignment]) for each in standings)


def of_part(part: Part, standings: Mapping[str, Standing]) -> Points | None:
    """Percent of one part; None where everything in it is excused."""
    counted = [each for name in part.assignments if not (each := standings[name]).excused]
    if not counted:
        return None
    count = min(part.best or len(counted), len(counted))
    least = sorted((each.share(each.points.min) for each in counted), reverse=True)[:count]
    most = sorted((each.share(each.points.max) for each in counted), reverse=True)[:count]
    return Points(_mean(least), _mean(most), PERCENT)


def of_whole(parts: Mapping[str, Part], percents: Mapping[str, Points | None]) -> Points | None:
    """Percent of everything, by weight; an excused part leaves its weight to the others."""
    weighed = [(part.weight, found) for name, part in parts.items() if (found := percents[name])]
    weights = sum(weight for weight, _ in weighed)
    if not weights:
        return None
    least = sum(weight * found.min for weight, found in weighed) / weights
    most = sum(weight * found.max for weight, found in weighed) / weights
    return Points(_rounded(least), _rounded(most), PERCENT)


def grade(grades: Mapping[str, float], percent: float) -> str:
    """The grade with the highest threshold that is reached, "" for none."""
    reached = [(least, name) for name, least in grades.items() if percent >= least]
    return max(reached)[1] if reached else ""


def _mean(values: Sequence[float]) -> float:
    return _rounded(PERCENT * sum(values) / len(values))


def _rounded(value: float) -> float:
    """Free of the last digits of binary fractions, so that 85 % is 85 % in whatever order it was added up."""
    return round(value, 6)
