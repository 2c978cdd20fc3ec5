"""A class at a glance, as one HTML page: how the points fall, which checks trouble many, who needs a look."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from urllib.parse import quote

from msgspec.structs import replace

from grader import __version__
from grader.course import audience, gradebook
from grader.course.lines import Line
from grader.ground.verdict import Outcome, Result, Verdict
from grader.render import page, terminal
from grader.render.page import shown

BINS = 10  # of the histogram: one for each tenth of the points


def pages(title: str, found: Sequence[Line], key: bytes) -> dict[str, str]:
    """Path to HTML: `index.html` and a page for each student, for the instructor; in `students/` those that
    may be given to students, under names made from the course's secret `key`.
    """
    named = {
        line.member.student: f"{number:03d}.html" for number, line in enumerate(found, 1) if line.verdict
    }
    shown_to = {audience.name(key, line.due.id, line.member.student): line for line in found if line.verdict}
    students = {
        f"students/{name}.html": page.text(audience.for_student(line.verdict, line.member.student))
        for name, line in shown_to.items()
        if line.verdict
    }
    return {"index.html": _index(title, found, named), **_instructors(found, named), **students}


def _instructors(found: Sequence[Line], named: Mapping[str, str]) -> dict[str, str]:
    """Each with a way back, and to the student before and after."""
    lines = [line for line in found if line.verdict]
    written = {}
    for number, line in enumerate(lines):
        if line.verdict:
            before = lines[number - 1] if number else None
            after = lines[number + 1] if number + 1 < len(lines) else None
            ways = [("class", "index.html"), *_way("before", before, named), *_way("next", after, named)]
            links = "".join(f'<a href="{escape(quote(to))}">{shown(told)}</a>' for told, to in ways)
            verdict = replace(line.verdict, student=line.member.student)
            written[named[line.member.student]] = page.text(verdict, [f'<nav class="ways">{links}</nav>'])
    return written


def _way(told: str, line: Line | None, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if line:
        yield f"{told}: {line.member.student}", named[line.member.student]


def _index(title: str, found: Sequence[Line], addresses: Mapping[str, str]) -> str:
    verdicts = [line.verdict for line in found if line.verdict]
    lines = [
        f"<header><h1>{shown(title)}</h1>",
        f'<p class="verdict"><strong>{len(found)} students</strong>',
        f"<span>{shown(gradebook.summary(found))}</span></p></header>",
        *_look_first(found, addresses),
        *_histogram(verdicts),
        *_checks(verdicts),
        *_students(found, addresses),
    ]
    script = resources.files("grader.course.pages").joinpath("sorting.js").read_text()
    return page.document(title, lines, f"grader {__version__}", script)


def _look_first(found: Sequence[Line], addresses: Mapping[str, str]) -> Iterator[str]:
    """Who needs a person, and why."""
    needy = [(line, reasons) for line in found if (reasons := audience.needs_a_look(line))]
    if not needy:
        return
    yield f'<h2>Look here first: {len(needy)} of {len(found)}</h2>\n<ul class="look">'
    for line, reasons in needy:
        yield f"<li>{_named(line, addresses)} <span>{shown('; '.join(reasons))}</span></li>"
    yield "</ul>"


def _named(line: Line, addresses: Mapping[str, str]) -> str:
    who = shown(" ".join(filter(None, [line.member.student, line.member.name])))
    to = addresses.get(line.member.student, "")
    return f'<a href="{escape(quote(to))}">{who}</a>' if to else f"<span>{who}</span>"


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
    yield '<h2>Students</h2>\n<input id="search" type="search" aria-label="show only"'
    yield 'placeholder="show only" hidden>\n<div class="wide" tabindex="0" role="region"'
    yield 'aria-label="students"><table class="students">\n<thead><tr>'
    yield from (f'<th scope="col"><button>{each}</button></th>' for each in ("student", "points", "outcome"))
    yield from (f'<th scope="col" class="check"><button>{shown(name)}</button></th>' for name in names)
    yield "</tr></thead><tbody>"
    for line in found:
        yield _student(line, names, addresses)
    yield "</tbody></table></div>"


def _student(line: Line, names: Sequence[str], addresses: Mapping[str, str]) -> str:
    head = f'<tr><th scope="row">{_named(line, addresses)}</th>'
    if not line.verdict:
        told = shown(line.excused or line.trouble or "not measured")
        return (
            f'{head}<td data-value="-1"></td><td class="trouble" colspan="{1 + len(names)}">{told}</td></tr>'
        )
    results = {result.check: result for result in line.verdict.results}
    cells = "".join(_cell(results.get(name)) for name in names)
    outcome = "excused" if line.excused else line.verdict.outcome
    return (
        f'{head}<td data-value="{line.verdict.points.min:g}">{terminal.amount(line.verdict.points)}</td>'
        f'<td class="{line.verdict.outcome}"><b class="sign">{outcome}</b></td>{cells}</tr>'
    )


def _cell(result: Result | None) -> str:
    if not result:
        return "<td></td>"
    told = shown(f"{result.check}: {result.outcome}, {terminal.amount(result.points)}")
    sign = terminal.SIGNS[result.outcome]
    return f'<td class="cell {result.outcome}" title="{told}" aria-label="{told}">{sign}</td>'


def _names(verdicts: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(result.check for verdict in verdicts for result in verdict.results))
