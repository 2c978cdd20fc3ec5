"""Bounds the work of following programs: a hostile source doubles it with each name, or has no end."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from grader.reading.programs import grouping
from grader.reading.programs.budget import Intricate
from grader.reading.programs.reader import Reader
from grader.reading.programs.sources import Source

T = TypeVar("T")


def follow(
    sources: Sequence[Source], measure: Callable[[Reader], T], settings: Mapping[str, ast.expr] | None = None
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """What `measure` makes of each program, and the paths of those that are too intricate to follow."""
    found: list[T] = []
    unread: list[str] = []
    for program in grouping.programs(sources):
        try:
            found.append(measure(Reader(program, settings)))
        except (Intricate, RecursionError):
            unread += [f"{source.path} (too intricate to follow)" for source in program.sources]
    return tuple(found), tuple(unread)
