"""JUnit XML as pytest writes it: `failure` is the student's, `error` the grader's, `skipped` is open.

Hosts count what is skipped without a word, so a check that is open says so in its name.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from grader.ground.verdict import Outcome, Result, Verdict
from grader.render import feedback, places

KINDS = {
    Outcome.FAILED: "failure",
    Outcome.BROKEN: "error",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.BLOCKED: "skipped",
}
# Characters that XML 1.0 cannot hold at all, not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(verdict: Verdict) -> str:
    verdict = feedback.of(verdict)
    kinds = [KINDS.get(result.outcome, "") for result in verdict.results]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suites = Element("testsuites")
    totals = {name: str(kinds.count(kind)) for name, kind in counts.items()}
    suite = SubElement(
        suites, "testsuite", {"name": _clean(verdict.assignment), "tests": str(len(kinds)), **totals}
    )
    for result, kind in zip(verdict.results, kinds, strict=True):
        case = SubElement(suite, "testcase", _about(result, verdict.assignment))
        if kind:
            reason = SubElement(case, kind, message=_clean(_first(result)))
            reason.text = _clean(_all(result))
        elif result.findings:
            SubElement(case, "system-out").text = _clean(_all(result))
    ElementTree.indent(suites)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"
    )


def _about(result: Result, assignment: str) -> dict[str, str]:
    """Its name, how long it took, and the place of the first finding that has one."""
    is_open = result.outcome in (Outcome.INCONCLUSIVE, Outcome.BLOCKED)
    about = {
        "classname": _clean(assignment),
        "name": f"{result.check} ({result.outcome})" if is_open else result.check,
        "time": f"{result.seconds or 0.0:.3f}",
    }
    if place := next(filter(None, (places.of(each.where) for each in result.findings)), None):
        about["file"] = _clean(place.path)
        about |= {"line": str(place.line)} if place.line else {}
    return about


def _first(result: Result) -> str:
    return next((each.message for each in result.findings if each.level == "error"), None) or next(
        (each.message for each in result.findings), result.outcome.value
    )


def _all(result: Result) -> str:
    lines = [result.looked_for]
    for each in result.findings:
        lines.append(f"{each.level}: {each.message}" + (f" [{each.where}]" if each.where else ""))
        if each.hint:
            lines.append(f"  {each.hint}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", text)
