"""`grader check` and `grader collect`: measure a submission."""

import sys
from argparse import Namespace

from msgspec.structs import replace

from grader import engine, intake
from grader.cli import requests, verdicts
from grader.ground import evidence_file
from grader.ground.verdict import Evidence
from grader.render import progress


def check(arguments: Namespace) -> int:
    asked = requests.submission(arguments)
    with progress.Line(sys.stderr) as line:
        around = replace(asked.surroundings, progress=line.show)
        evidence = intake.collect(asked.request, asked.assignment, around)
    _save(arguments, evidence)
    return verdicts.show([engine.judge(asked.assignment, evidence)], arguments)


def collect(arguments: Namespace) -> int:
    asked = requests.submission(arguments)
    with progress.Line(sys.stderr) as line:
        around = replace(asked.surroundings, progress=line.show)
        evidence = intake.collect(asked.request, asked.assignment, around)
    _save(arguments, evidence)
    return 0


def _save(arguments: Namespace, evidence: Evidence) -> None:
    """Says where it is."""
    path = arguments.evidence or intake.cache() / "evidence" / evidence_file.name(evidence)
    evidence_file.save(path, evidence)
    print(f"evidence: {path}", file=sys.stderr)
