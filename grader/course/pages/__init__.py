"""A class at a glance, as one HTML page: how the points fall, which checks trouble many, who needs a look."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from urllib.parse import quote

from msgspec.structs import replace

from grader import __version__
from grader.course import gradebook
from grader.course.lines import Line
from grader.ground.verdict import Outcome, Result, Verdict
from grader.render import page, terminal
from grader.render.page import shown

BINS = 10  # of the histogram: one for each tenth of the points


def pages(title: str, found: Sequence[Line]) -> dict[str, str]:
    """File name to HTML: `index.html`, and a page for each student with a verdict."""
    named = {f"{number:03d}.html": line for number, line in enumerate(found, 1) if line.verdict}
    students = {
        name: page.text(replace(line.verdict, student=line.member.student))
        for name, line in named.items()
        if line.verdict
    }
    addresses = {line.member.student: name for name, line in named.items()}
    return {"index.html": _index(title, found, addresses), **students}


def _index(title: str, found: Sequence[Line], addresses: Mapping[str, str]) -> str:
    verdicts = [line.verdict for line in found if line.verdict]
    lines = [
        f"<header><h1>{shown(title)}</h1>",
        f'<p class="verdict"><strong>{len(found)} students</strong>',
        f"<span>{shown(gradebook.summary(found))}</span></p></header>",
        *_histogram(verdicts),
        *_checks(verdicts),
        *_students(found, addresses),
    ]
    return page.document(title, lines, f"grader {__version__}")


def _histogram(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How many students are certain of each tenth of the points."""
    tenths = Counter(_tenth(verdict) for verdict in verdicts)
    highest = max(tenths.values(), default=1)
    yield '<h2>Certain points, in percent</h2>\n<ol class="histogram">'
    for tenth in range(BINS):
        count = tenths[tenth]
        of = "100" if tenth == BINS - 1 else f"{10 * (tenth + 1)}"
        yield (
            f'<li><b style="height:{count / highest:.0%}"></b><i>{count or ""}</i>'
            f"<small>{10 * tenth}-{of}</small></li>"
        )
    yield "</ol>"


def _tenth(verdict: Verdict) -> int:
    share = verdict.points.min / verdict.points.of if verdict.points.of else 0.0
    return min(int(share * BINS), BINS - 1)


def _checks(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """For each check, what share of the class ended how."""
    yield '<h2>Checks</h2>\n<table class="checks">'
    for name in _names(verdicts):
        outcomes = Counter(
            result.outcome for verdict in verdicts for result in verdict.results if result.check == name
        )
        told = ", ".join(f"{outcomes[each]} {each}" for each in Outcome if outcomes[each])
        parts = "".join(
            f'<span class="{each}" style="flex:{outcomes[each]}"></span>'
            for each in Outcome
            if outcomes[each]
        )
        yield f'<tr><th scope="row">{shown(name)}</th><td><div class="bar">{parts}</div></td>'
        yield f"<td>{told}</td></tr>"
    yield "</table>"


def _students(found: Sequence[Line], addresses: Mapping[str, str]) -> Iterator[str]:
    names = _names([line.verdict for line in found if line.verdict])
    yield '<h2>Students</h2>\n<div class="wide"><table class="students">\n<tr>'
    yield from (f'<th scope="col">{each}</th>' for each in ("student", "outcome", "points"))
    yield from (f'<th scope="col" class="check"><span>{shown(name)}</span></th>' for name in names)
    yield "</tr>"
    for line in found:
        yield _student(line, names, addresses.get(line.member.student, ""))
    yield "</table></div>"


def _student(line: Line, names: Sequence[str], address: str) -> str:
    who = shown(" ".join(filter(None, [line.member.student, line.member.name])))
    if not line.verdict:
        trouble = f'<td class="trouble" colspan="{2 + len(names)}">{shown(line.trouble)}</td>'
        return f'<tr><th scope="row">{who}</th>{trouble}</tr>'
    results = {result.check: result for result in line.verdict.results}
    cells = "".join(_cell(results.get(name)) for name in names)
    return (
        f'<tr><th scope="row"><a href="{escape(quote(address))}">{who}</a></th>'
        f'<td class="{line.verdict.outcome}"><b class="sign">{line.verdict.outcome}</b></td>'
        f"<td>{terminal.amount(line.verdict.points)}</td>{cells}</tr>"
    )


def _cell(result: Result | None) -> str:
    if not result:
        return "<td></td>"
    told = shown(f"{result.check}: {result.outcome}, {terminal.amount(result.points)}")
    sign = terminal.SIGNS[result.outcome]
    return f'<td class="cell {result.outcome}" title="{told}" aria-label="{told}">{sign}</td>'


def _names(verdicts: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(result.check for verdict in verdicts for result in verdict.results))
