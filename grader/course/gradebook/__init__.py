"""The gradebook: rows of plain cells. How they are written is in the modules beside.

Every text is safe to open in a spreadsheet: nothing in it is a formula.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from grader.course import telling
from grader.course.lines import Line
from grader.course.record import Record
from grader.course.rules import Rules
from grader.ground.verdict import Points, Verdict
from grader.render import feedback

Cell = str | float | None  # None: an empty cell

COLUMNS = (
    "student", "name", "outcome", "points", "at most", "of", "commit", "submitted", "status", "url",
    "trouble", "decided",
)  # fmt: skip


class Table(Struct, frozen=True):
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def of_assignment(found: Sequence[Line]) -> Table:
    """All students with their points, and for each check its outcome and its certain points."""
    verdicts = [line.verdict for line in found if line.verdict]
    checks = list(dict.fromkeys(result.check for verdict in verdicts for result in verdict.results))
    header = [*COLUMNS, *checks, *(f"{check} points" for check in checks)]
    return Table(tuple(header), tuple(tuple(_cells(line, checks)) for line in found))


def of_course(records: Sequence[Record], rules: Rules) -> Table:
    """All students with their points in each assignment, parts, total, grade, signature, offered grade."""
    ids = list(dict.fromkeys(one.assignment for record in records for one in record.standings))
    percents = [*rules.parts, *(["total"] if rules.parts else [])]
    header = ["student", "name", *_ranged(ids), *_ranged([f"{each} %" for each in percents])]
    answers = ["grade", "signature", "signature because", "offered grade", "offered grade because"]
    rows = (tuple(_course_cells(record, ids, percents)) for record in records)
    return Table((*header, *answers), tuple(rows))


def summary(found: Sequence[Line]) -> str:
    """`18 passed, 1 failed, 1 not measured`"""
    counts = Counter(line.outcome for line in found)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _cells(line: Line, checks: Sequence[str]) -> Iterator[Cell]:
    member, verdict = line.member, line.verdict
    yield from (member.student, member.name, line.outcome)
    if not verdict:
        yield from (None, None, None, "", "", "", member.url, line.trouble, line.excused)
        yield from [""] * len(checks) + [None] * len(checks)
        return
    points, commit = verdict.points, verdict.commit
    yield from (points.min, points.max, points.of)
    yield from (commit.sha[:12], commit.committed) if commit else ("", "")
    yield verdict.looked_at.status if verdict.looked_at else ""
    yield from (member.url, line.trouble, _decided(verdict))
    results = {result.check: result for result in verdict.results}
    yield from (str(results[check].outcome) if check in results else "" for check in checks)
    yield from (results[check].points.min if check in results else None for check in checks)


def _decided(verdict: Verdict) -> str:
    told = [(each.check, each.decided) for each in verdict.results if each.decided]
    everything = [*((("all"), each) for each in verdict.decided), *told]
    return "; ".join(
        f"{name}: {each.what} ({each.by}: {each.because}){' - TO BE LOOKED AT AGAIN' if each.again else ''}"
        for name, each in everything
    )


def _ranged(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (name, f"{name} at most")


def _course_cells(record: Record, ids: Sequence[str], percents: Sequence[str]) -> Iterator[Cell]:
    yield from (record.student, record.name)
    standings = {each.assignment: each for each in record.standings}
    for each in ids:
        yield from _range(None if standings[each].excused else standings[each].points)
    for name in percents:
        yield from _range(record.percents[name])
    yield telling.grades(record.grades) if record.grades else ""
    for answer in (record.signature, record.offered):
        yield telling.WORDS[answer.word] if answer else ""
        yield "; ".join(answer.reasons) if answer else ""


def _range(points: Points | None) -> tuple[Cell, Cell]:
    return (points.min, points.max) if points else (None, None)


def json_lines(found: Sequence[Line]) -> str:
    """One student a line, for a program: the whole verdict, with what persons decided."""
    return "".join(msgspec.json.encode(_plain(each)).decode() + "\n" for each in found)


def _plain(line: Line) -> dict[str, object]:
    return {
        "student": line.member.student,
        "name": line.member.name,
        "outcome": line.outcome,
        "trouble": line.trouble,
        "excused": line.excused,
        "verdict": feedback.of(line.verdict, measured=True) if line.verdict else None,
    }
