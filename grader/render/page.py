"""A verdict as one HTML page that needs nothing else: no script, no font, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from urllib.parse import quote, urlsplit

from grader.ground.verdict import Finding, Outcome, Result, Verdict
from grader.ground.visible import visible
from grader.render import feedback, places, terminal

# Nothing that slips through may load or run: https://www.w3.org/TR/CSP3/
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Where hosts show one file of one commit.
FILE_AT = {"github.com": "blob", "gitlab.com": "-/blob"}


def text(verdict: Verdict, before: Sequence[str] = ()) -> str:
    """The page. Checks that ask for something stand open; the others are a line each.

    `before` is HTML that comes first, as links to other pages.
    """
    verdict = feedback.of(verdict)
    results = (line for result in verdict.results for line in _result(result, verdict))
    lines = [*before, *_head(verdict), *_bar(verdict), *results]
    return document(f"{verdict.title}: {verdict.outcome}", lines, f"grader {verdict.grader}")


def document(title: str, lines: Iterable[str], foot: str, script: str = "") -> str:
    """A whole page around `lines` of HTML; the title and the foot are plain text.

    `script` is our own; the page's policy names its hash, so that no other can run.
    """
    style = resources.files("grader.render").joinpath("page.css").read_text()
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}{_allowed(script)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{shown(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>",
            *lines,
            f"</main>\n<footer>{shown(foot)}</footer>",
            *([f"<script>{script}</script>"] if script else []),
            "</body>\n</html>\n",
        ]
    )


def _allowed(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"; script-src 'sha256-{digest}'" if script else ""


def shown(text: str) -> str:
    """Text as text: nothing in it is HTML, and nothing hides."""
    return escape(visible(text))


def _head(verdict: Verdict) -> Iterator[str]:
    yield f"<header>\n<h1>{shown(verdict.title)} · {shown(verdict.student) or 'student not named'}</h1>"
    yield (
        f'<p class="verdict {verdict.outcome}"><strong>{verdict.outcome.capitalize()}</strong>'
        f"<span>{terminal.amount(verdict.points)} points</span></p>"
    )
    if reason := terminal.reason(verdict):
        yield f'<p class="soft">{shown(reason)}</p>'
    if verdict.commit:
        commit = verdict.commit
        yield (
            f'<p class="soft">commit <code>{shown(commit.sha[:7])}</code> on {shown(commit.branch)},'
            f" dated {shown(commit.committed)}, {shown(commit.status)}</p>"
        )
    for each in verdict.decided:
        again = " This was about other work than there is now: a person looks again." if each.again else ""
        yield f'<p class="soft">{shown(f"Decided by {each.by}: {each.what}. {each.because}{again}")}</p>'
    yield f'<p class="soft">{shown(verdict.url)}</p>\n</header>'


def _bar(verdict: Verdict) -> Iterator[str]:
    """A check is as wide as its points; what is not decided is hatched."""
    yield '<nav class="bar" aria-label="checks by points">'
    for result in verdict.results:
        if result.points.of:
            open_ends = " open" if result.points.min != result.points.max else ""
            told = shown(f"{result.check}: {result.outcome}, {terminal.amount(result.points)}")
            yield (
                f'<a class="{result.outcome}{open_ends}" style="flex:{result.points.of:g}"'
                f' href="#{shown(result.check)}" title="{told}" aria-label="{told}"></a>'
            )
    yield "</nav>"


def _result(result: Result, verdict: Verdict) -> Iterator[str]:
    asks = result.outcome is not Outcome.PASSED or any(each.level != "note" for each in result.findings)
    yield f'<details id="{shown(result.check)}" class="{result.outcome}"{" open" if asks else ""}><summary>'
    yield f'<span class="sign" aria-hidden="true">{terminal.SIGNS[result.outcome]}</span>'
    yield f'<div class="what"><h2>{shown(result.check)}: {result.outcome}</h2>'
    yield f"<p>{shown(result.looked_for)}</p></div>"
    points = terminal.amount(result.points) if result.points.of else "no points"
    yield f'<span class="points">{points}</span></summary>'
    if result.findings:
        yield '<ul class="findings">'
        yield from (_finding(each, verdict) for each in result.findings)
        yield "</ul>"
    yield "</details>"


def _finding(finding: Finding, verdict: Verdict) -> str:
    where = f'<p class="where">{_linked(finding.where, verdict)}</p>' if finding.where else ""
    hint = f'<p class="hint">{shown(finding.hint)}</p>' if finding.hint else ""
    return (
        f'<li class="level-{finding.level}"><p><span class="level">{finding.level}:</span>'
        f" {shown(finding.message)}</p>{where}{hint}</li>"
    )


def _linked(where: str, verdict: Verdict) -> str:
    """The place, as a link to the line at the graded commit on hosts whose addresses we know."""
    place = places.of(where)
    host = urlsplit(verdict.url)
    if not (place and verdict.commit and host.scheme == "https" and host.hostname in FILE_AT):
        return shown(where)
    repository = quote(host.path.strip("/").removesuffix(".git"))
    line = f"#L{place.line}" if place.line else ""
    address = (
        f"https://{host.hostname}/{repository}/{FILE_AT[host.hostname]}/{quote(verdict.commit.sha)}"
        f"/{quote(place.path)}{line}"
    )
    return f'<a href="{escape(address)}">{shown(where)}</a>'
