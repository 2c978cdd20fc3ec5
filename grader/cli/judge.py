"""`grader judge`: judge saved evidence again."""

import sys
import time
from argparse import Namespace

from msgspec.structs import replace

from grader import deadlines, engine
from grader.cli import assignments, verdicts
from grader.ground import evidence_file
from grader.ground.verdict import Evidence


def judge(arguments: Namespace) -> int:
    """Also says on standard error what another deadline made of the evidence."""
    found, members = [], assignments.rostered(arguments)
    for path in arguments.evidence:
        evidence = evidence_file.load(path)
        name = arguments.assignment or evidence.assignment
        before = assignments.due(name, evidence.deadline)
        own = assignments.own(arguments.deadline, members, evidence.url, before.id)
        after = before.due(own.deadline) if own.deadline else before
        _tell_changes(engine.rule(before, evidence), engine.rule(after, evidence), evidence)
        if arguments.reveal:
            after = after.revealed(time.time())
        if own.listed:
            evidence = replace(evidence, listed=own.listed)
        found.append(engine.judge(after, evidence))
    return verdicts.show(found, arguments)


def _tell_changes(
    before: deadlines.Ruling | None, after: deadlines.Ruling | None, evidence: Evidence
) -> None:
    if before and after and evidence.commit:
        for sentence in deadlines.changes(before, after, evidence.commit.sha):
            print(sentence, file=sys.stderr)
