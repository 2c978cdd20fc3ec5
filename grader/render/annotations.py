"""GitHub workflow commands: findings beside the changed lines of a push or pull request."""

from collections.abc import Iterator

from grader.ground.verdict import Finding, Result, Verdict
from grader.ground.visible import visible
from grader.render import feedback, places
from grader.render.terminal import amount

SHOWN = 10  # annotations of a kind that GitHub keeps of one step; it drops the rest without a word


def text(verdict: Verdict) -> str:
    """The worst first, and a notice that says how many there are."""
    verdict = feedback.of(verdict)
    errors, warnings = (list(_commands(verdict, level)) for level in ("error", "warning"))
    told = (
        f"{verdict.outcome}, {amount(verdict.points)} points, {len(errors)} errors, {len(warnings)} warnings"
    )
    notice = f"::notice title={_property(verdict.title)}::{_data(told)}"
    return "\n".join([*errors[:SHOWN], *warnings[:SHOWN], notice]) + "\n"


def _commands(verdict: Verdict, level: str) -> Iterator[str]:
    for result in verdict.results:
        for finding in result.findings:
            if finding.level == level:
                yield _command(result, finding)


def _command(result: Result, finding: Finding) -> str:
    place = places.of(finding.where)
    file = f"file={_property(place.path)}," if place else ""
    line = f"line={place.line}," if place and place.line else ""
    message = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    return f"::{finding.level} {file}{line}title={_property(result.check)}::{_data(message)}"


def _data(text: str) -> str:
    """Escaped as GitHub's own toolkit does; of what it escapes, `visible` leaves no end of a line."""
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
