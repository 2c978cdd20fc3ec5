"""A verdict as text that a person likes to read: the verdict first, then what to do about each check."""

import os
import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import TextIO

from msgspec import Struct

from grader import deadlines
from grader.ground.verdict import Finding, Outcome, Points, Result, Verdict
from grader.ground.visible import visible
from grader.render import feedback

SIGNS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.INCONCLUSIVE: "?",
    Outcome.BLOCKED: "-",
    Outcome.BROKEN: "!",
}
COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "31",
    Outcome.INCONCLUSIVE: "33",
    Outcome.BLOCKED: "2",
    Outcome.BROKEN: "35",
}
LEVEL_COLOURS = {"error": "31", "warning": "33", "note": "2"}
ABOUT = {
    "yes": "",
    "no": ": it does not count, and what the checks say of it is for information",
    "open": ": it is not known to be the one that counts",
}
EXPLAINED = {
    Outcome.PASSED: "",
    Outcome.FAILED: "a required check failed",
    Outcome.INCONCLUSIVE: "provisional: some checks could not be decided here",
    Outcome.BROKEN: "provisional: the grader broke in some checks, a person has to look",
}


class Style(Struct, frozen=True):
    """How to write: colour only for terminals, and never where NO_COLOR is set."""

    colour: bool = False
    width: int = 100

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def style(stream: TextIO) -> Style:
    """The style for a stream: colour and the window's width for a terminal, plain otherwise."""
    if not stream.isatty():
        return Style()
    width = max(60, min(shutil.get_terminal_size().columns, 120))
    return Style(colour=not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb", width=width)


def text(verdict: Verdict, style: Style) -> str:
    """The whole page."""
    verdict = feedback.of(verdict)
    return "\n".join([*_head(verdict, style), "", *_results(verdict, style)]) + "\n"


def _head(verdict: Verdict, style: Style) -> Iterator[str]:
    of_whom = visible(verdict.student) or "student not named"
    yield style.paint(f"{visible(verdict.title)} · {of_whom}", "1")
    word = style.paint(verdict.outcome.upper(), f"1;{COLOURS[verdict.outcome]}")
    why = reason(verdict)
    yield f"{word}  {amount(verdict.points)} points" + (f"  ({why})" if why else "")
    if about := looked_at(verdict):
        yield style.paint(about, "2")
    yield style.paint(visible(verdict.url), "2")
    for finding in verdict.for_instructor:
        yield from (line[4:] for line in _finding(finding, style))


def looked_at(verdict: Verdict) -> str:
    """The commit that the checks are about, and whether it counts."""
    commit = verdict.looked_at or verdict.commit
    if not commit:
        return ""
    told = f"commit {commit.sha[:7]} on {visible(commit.branch)}, dated {visible(commit.committed)}"
    status = visible(deadlines.status_words(commit.status))
    return ", ".join(filter(None, [told, status])) + ABOUT[verdict.counts]


def _results(verdict: Verdict, style: Style) -> Iterator[str]:
    name_width = max((len(result.check) for result in verdict.results), default=0)
    amounts = [amount(result.points) for result in verdict.results]
    amount_width = max((len(each) for each in amounts), default=0)
    for result, points in zip(verdict.results, amounts, strict=True):
        sign = style.paint(SIGNS[result.outcome], COLOURS[result.outcome])
        title = f"{result.check:<{name_width}}  {points:>{amount_width}}"
        first, *rest = _wrapped(_looked_for(result), style.width - len(title) - 4)
        yield f"{sign} {style.paint(title, '1')}  {first}"
        yield from (" " * (len(title) + 4) + line for line in rest)
        for finding, following in zip_longest(result.findings, result.findings[1:]):
            yield from _finding(finding, style)
            if finding.hint and not (following and following.hint == finding.hint):
                yield from _hint(finding.hint, style)


def _looked_for(result: Result) -> str:
    decided = result.outcome in (Outcome.PASSED, Outcome.FAILED)
    return result.looked_for if decided else f"{result.outcome}: {result.looked_for}"


def _finding(finding: Finding, style: Style) -> Iterator[str]:
    lines = _wrapped(visible(finding.message), style.width - 6)
    mark = style.paint(f"{finding.level}:", LEVEL_COLOURS[finding.level])
    yield f"    {mark} {lines[0]}"
    yield from (f"      {line}" for line in lines[1:])
    if finding.where.removeprefix("commit ") not in finding.message:
        yield f"      at {visible(finding.where)}"


def _hint(hint: str, style: Style) -> Iterator[str]:
    """What to do; written once for neighbouring findings that have it in common."""
    first, *rest = _wrapped(visible(hint), style.width - 8)
    yield f"      → {first}"
    yield from (f"        {line}" for line in rest)


def _wrapped(message: str, width: int) -> list[str]:
    return textwrap.wrap(message, width, break_long_words=False, break_on_hyphens=False) or [""]


def reason(verdict: Verdict) -> str:
    """Why the outcome is what it is, in a few words; empty where nothing needs to be said."""
    late = f"{verdict.penalty:g} % off for being late" if verdict.penalty else ""
    return "; ".join(filter(None, [EXPLAINED[verdict.outcome], late]))


def amount(points: Points) -> str:
    """`7/10`, or `0-10/10` while it is open."""
    least, most, of = (f"{round(value, 2):g}" for value in (points.min, points.max, points.of))
    return f"{least}/{of}" if least == most else f"{least}-{most}/{of}"
