"""A verdict as Markdown: what a comment, a mail or the summary of a CI run shows."""

from collections.abc import Iterator

from grader.ground.verdict import Outcome, Result, Verdict
from grader.ground.visible import visible
from grader.render import feedback, terminal

LONGEST = 60_000  # characters; hosts refuse longer comments
TOLD = {
    Outcome.PASSED: "passed", Outcome.FAILED: "**failed**", Outcome.INCONCLUSIVE: "*not decided yet*",
    Outcome.BLOCKED: "*blocked*", Outcome.BROKEN: "*not decided yet*",
}  # fmt: skip


def text(verdict: Verdict) -> str:
    verdict = feedback.of(verdict)
    found = "\n".join([*_head(verdict), *(line for each in verdict.results for line in _result(each))])
    rest = "\n\n... the rest is too long for this place."
    return (found if len(found) <= LONGEST else found[:LONGEST] + rest) + "\n"


def _head(verdict: Verdict) -> Iterator[str]:
    yield f"## {plain(verdict.title)}"
    yield ""
    why = terminal.reason(verdict)
    yield f"**{terminal.amount(verdict.points)} points**, {verdict.outcome}" + (f" ({why})" if why else "")
    if verdict.looked_at:
        yield f"Commit `{verdict.looked_at.sha[:7]}` was looked at."
    for each in verdict.decided:
        yield f"Decided by {plain(each.by)}: {plain(each.what)}. {plain(each.because)}"


def _result(result: Result) -> Iterator[str]:
    yield ""
    yield f"### {result.check}: {TOLD[result.outcome]}, {terminal.amount(result.points)}"
    yield ""
    for finding in result.findings:
        where = f" ({plain(finding.where)})" if finding.where else ""
        hint = f" *{plain(finding.hint)}*" if finding.hint else ""
        yield f"- {finding.level}: {plain(finding.message)}{where}{hint}"


def plain(text: str) -> str:
    """As text in Markdown: nothing in it is markup, mentions anybody or links anywhere."""
    shown = visible(text, 2000)
    for letter in "\\`*_[]<>#|~":
        shown = shown.replace(letter, f"\\{letter}")
    return shown.replace("@", "@\u2060").replace("://", ":\u2060//")
