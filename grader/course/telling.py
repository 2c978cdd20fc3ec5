"""A course record as text and as lines of JSON."""

from collections.abc import Iterator, Sequence

import msgspec

from grader.course.record import Record
from grader.course.rules import WHOLE
from grader.course.rules.conditions import Answer
from grader.course.standing import Standing
from grader.ground.verdict import Points
from grader.ground.visible import visible
from grader.render import terminal

WORDS = {"yes": "yes", "no": "not possible", "open": "open"}


def text(records: Sequence[Record], style: terminal.Style) -> str:
    """Each student with what is reached, what is missing until when, and why."""
    return "\n\n".join("\n".join(_record(each, style)) for each in records) + "\n"


def json_lines(records: Sequence[Record]) -> str:
    """One record a line."""
    return "".join(msgspec.json.encode(each, order="deterministic").decode() + "\n" for each in records)


def answer(found: Answer) -> str:
    return f"{WORDS[found.word]}, because {'; '.join(found.reasons)}" if found.reasons else WORDS[found.word]


def grades(found: tuple[str, str]) -> str:
    """`4`, or `3-5` while it is open; `none` below the lowest."""
    low, high = (each or "none" for each in found)
    return low if low == high else f"{low}-{high}"


def percent(found: Points | None) -> str:
    if found is None:
        return "excused"
    return f"{found.min:.4g} %" if found.min == found.max else f"{found.min:.4g}-{found.max:.4g} %"


def _record(each: Record, style: terminal.Style) -> Iterator[str]:
    yield style.paint(visible(" ".join(filter(None, [each.student, each.name]))), "1")
    width = max([len(one.assignment) for one in each.standings] + [len(key) for key in each.percents])
    for one in each.standings:
        told = f"excused: {one.excused}" if one.excused else _facts(one)
        yield f"  {one.assignment:<{width}}  {terminal.amount(one.points):>10}  {visible(told)}"
        if one.late_days:
            free = f", {one.forgiven} of them free" if one.forgiven else ""
            yield f"  {'':<{width}}  {'':>10}  {one.late_days} late days{free}"
    for key, found in each.percents.items():
        if key != WHOLE or found is not None:
            yield f"  {key:<{width}}  {percent(found):>10}"
    if each.grades:
        yield f"  grade: {grades(each.grades)}"
    for title, found_answer in (("signature", each.signature), ("offered grade", each.offered)):
        if found_answer:
            yield f"  {title}: {visible(answer(found_answer))}"


def _facts(one: Standing) -> str:
    return "; ".join(dict.fromkeys([one.passed.because, one.in_time.because]))
