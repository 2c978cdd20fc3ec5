"""SARIF holds what its standard allows and no more: OASIS' own schema comes in no package, so what of it the
writer uses is stated here by hand, closed as the standard closes it.
"""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from grader.ground.verdict import Verdict, error
from grader.render import FORMATS
from tests.render.test_formats import EVIL, VERDICT

TEXT = {"type": "string"}


def closed(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def many(each: Mapping[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": each, "minItems": least}


MESSAGE = closed({"text": TEXT})
ADDRESS = {
    "type": "string",
    "format": "uri-reference",
    "pattern": "^[^/:][^:]*$",
}  # hosts ask for relative ones
PLACE = closed({
    "physicalLocation": closed({
        "artifactLocation": closed({"uri": ADDRESS}),
        "region": closed({"startLine": {"type": "integer", "minimum": 1}}),
    }),
})  # fmt: skip
RESULT = closed({
    "ruleId": TEXT,
    "level": {"enum": ["none", "note", "warning", "error"]},
    "message": MESSAGE,
    "locations": many(PLACE, 1),  # a result without a place is never shown
    "partialFingerprints": {"type": "object", "additionalProperties": TEXT},
})  # fmt: skip
RULE = closed({"id": TEXT, "shortDescription": MESSAGE})
DRIVER = closed({"name": TEXT, "version": TEXT, "rules": many(RULE)})
RUN = closed({"tool": closed({"driver": DRIVER}), "results": many(RESULT)})
LOG = closed({"version": {"const": "2.1.0"}, "runs": many(RUN, 1)}, {"$schema": TEXT})


@pytest.mark.parametrize(
    "verdict",
    [
        VERDICT,
        replace(VERDICT, results=()),
        replace(VERDICT, results=(replace(VERDICT.results[1], findings=(error(EVIL, f"{EVIL}:9"),)),)),
        replace(VERDICT, results=(replace(VERDICT.results[1], findings=(error("x", "../a b#é.py:0"),)),)),
    ],
)
def test_it_is_what_the_standard_allows(verdict: Verdict) -> None:
    log = json.loads(FORMATS["sarif"](verdict))
    jsonschema.Draft7Validator(LOG, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= rules
