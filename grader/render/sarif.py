"""SARIF 2.1.0 (OASIS): findings with places, as code hosts show them beside the source."""

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from grader.ground.verdict import Finding, Result, Verdict
from grader.render import feedback, places

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

ABOUT_ALL = "README.md"  # hosts show no result without a place: what is about everything stands here


def text(verdict: Verdict) -> str:
    """Every error and warning; notes of the verdict are no findings in the sense of SARIF."""
    verdict = feedback.of(verdict)
    driver = {
        "name": "grader",
        "version": verdict.grader,
        "rules": [_rule(result) for result in verdict.results],
    }
    results = [
        _result(result, finding)
        for result in verdict.results
        for finding in result.findings
        if finding.level != "note"
    ]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _rule(result: Result) -> dict[str, Any]:
    return {"id": result.check, "shortDescription": {"text": result.looked_for}}


def _result(result: Result, finding: Finding) -> dict[str, Any]:
    message = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    # Alerts stay the same alert while the sentence and the file do, wherever the line moves to.
    place = places.of(finding.where)
    same = f"{result.check}\0{place.path if place else ''}\0{finding.message}"
    found: dict[str, Any] = {
        "ruleId": result.check,
        "level": finding.level,
        "message": {"text": message},
        "partialFingerprints": {"finding/v1": hashlib.sha256(same.encode()).hexdigest()[:32]},
    }
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(place.path if place else ABOUT_ALL)}}
    location["region"] = {"startLine": (place.line if place else 0) or 1}
    found["locations"] = [{"physicalLocation": location}]
    return found
