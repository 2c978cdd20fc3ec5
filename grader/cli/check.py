"""`grader check` and `grader collect`: measure a submission."""

import sys
from argparse import Namespace

from msgspec.structs import replace

from grader import engine, intake
from grader.cli import requests, verdicts
from grader.cli.requests import Asked
from grader.ground import evidence_file
from grader.ground.verdict import Evidence
from grader.render import progress


def check(arguments: Namespace) -> int:
    asked = requests.submission(arguments)
    evidence = _collected(asked, arguments)
    return verdicts.show([engine.judge(asked.assignment, evidence)], arguments)


def collect(arguments: Namespace) -> int:
    _collected(requests.submission(arguments), arguments)
    return 0


def _collected(asked: Asked, arguments: Namespace) -> Evidence:
    """Measures, saves, and says where."""
    with progress.Line(sys.stderr) as line:
        around = replace(asked.surroundings, progress=line.show)
        evidence = intake.collect(asked.request, asked.assignment, around)
    path = arguments.evidence or intake.cache() / "evidence" / evidence_file.name(evidence)
    evidence_file.save(path, evidence)
    print(f"evidence: {path}", file=sys.stderr)
    return evidence
