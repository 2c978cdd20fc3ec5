"""A verdict as anybody may see it: nobody else is named, and nothing of the submission acts on a reader.

This is where a verdict leaves the grader: each format begins with `of`. Judging sees what was measured.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from grader.ground import persons
from grader.ground.verdict import Result, Verdict
from grader.ground.visible import visible

Record = TypeVar("Record")
Show = Callable[[str], str]


def of(verdict: Verdict, *, measured: bool = False) -> Verdict:
    """`verdict` with codes and addresses of other persons masked, and hidden characters as escapes.

    What was `measured` is left out unless it is asked for: it is long, and most formats have no place for it.
    """

    def show(text: str) -> str:
        return visible(persons.masked(text, verdict.student))

    return replace(
        verdict,
        title=visible(verdict.title),
        url=show(verdict.url),
        student=visible(verdict.student),
        commit=_record(verdict.commit, show) if verdict.commit else None,
        looked_at=_record(verdict.looked_at, show) if verdict.looked_at else None,
        results=tuple(_result(each, show, measured) for each in verdict.results),
        for_instructor=tuple(_record(each, visible) for each in verdict.for_instructor),
        decided=tuple(_record(each, show) for each in verdict.decided),
    )


def _result(result: Result, show: Show, measured: bool) -> Result:
    return replace(
        result,
        looked_for=visible(result.looked_for),
        findings=tuple(_record(each, show) for each in result.findings),
        measured=_data(result.measured, show) if measured else {},
        decided=_record(result.decided, show) if result.decided else None,
    )


def _record(record: Record, show: Show) -> Record:
    return msgspec.convert(_data(msgspec.to_builtins(record), show), type(record))


def _data(data: Any, show: Show) -> Any:
    """Plain data with every text in it shown, keys too: two that look the same then stay two."""
    if isinstance(data, str):
        return show(data)
    if isinstance(data, list | tuple):
        return [_data(each, show) for each in data]
    if not isinstance(data, dict):
        return data
    found: dict[Any, Any] = {}
    for key, value in data.items():
        found[_unlike(_data(key, show), found)] = _data(value, show)
    return found


def _unlike(key: Any, others: dict[Any, Any]) -> Any:
    number, first = 2, key
    while key in others:
        key, number = f"{first} ({number})", number + 1
    return key
