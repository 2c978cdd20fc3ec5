"""One short function a command: takes the parsed arguments, returns the exit status."""

import os
import sys
import time
from argparse import Namespace
from pathlib import Path

from msgspec.structs import replace

from grader import checks, deadlines, engine, intake, repository
from grader.cli import requests, verdicts
from grader.course import comparing, roster
from grader.ground import evidence_file, toml
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.ground.visible import visible
from grader.intake.clocks import ledger
from grader.intake.clocks.ledger import snapshot as snapshots
from grader.intake.clocks.ledger.rows import Row
from grader.reading.english import command as english
from grader.render import manual, progress
from grader.sandbox import doctor as physician


def check(arguments: Namespace) -> int:
    evidence = _collect(arguments)
    verdict = engine.judge(requests.due(evidence.assignment, evidence.deadline), evidence)
    return verdicts.show([verdict], arguments)


def collect(arguments: Namespace) -> int:
    _collect(arguments)
    return 0


def judge(arguments: Namespace) -> int:
    """Also says on standard error what another deadline made of the evidence."""
    found = []
    for path in arguments.evidence:
        evidence = evidence_file.load(path)
        name = arguments.assignment or evidence.assignment
        before = requests.due(name, evidence.deadline)
        extension = requests.extension(arguments, evidence.url, before.id)
        after = before.due(extension) if extension else before
        _tell_changes(engine.rule(before, evidence), engine.rule(after, evidence), evidence)
        if arguments.reveal:
            after = after.revealed(time.time())
        found.append(engine.judge(after, evidence))
    return verdicts.show(found, arguments)


def compare(arguments: Namespace) -> int:
    """Always exit status 0: what is similar is for a person to look at."""
    evidence = [evidence_file.load(path) for path in arguments.evidence]
    found = comparing.resemblances(evidence)
    for each in found:
        print(visible(f"{each.one} and {each.other}: {each.what}"))
    missing = sum(comparing.fingerprints(each) is None for each in evidence)
    if missing:
        print(
            f"{missing} not compared: collect them without --static, with the check integrity",
            file=sys.stderr,
        )
    compared = len(evidence) - missing
    print(f"{len(found)} resemblances among {compared} submissions; look at both before you judge")
    return 0


def explain(arguments: Namespace) -> int:
    name = arguments.check
    if not name:
        print(manual.table(checks.TABLE), end="")
        return 0
    if name not in checks.TABLE:
        raise GraderError(f"{name!r} is not a check{toml.did_you_mean(name, checks.TABLE)}")
    print(manual.page(name, checks.TABLE[name]), end="")
    due = requests.due(arguments.assignment).deadline
    if due and isinstance(due, checks.TABLE[name]):
        print(f"\n{deadlines.explanation(due.policy, due.instant)}", end="")
    return 0


def lint(arguments: Namespace) -> int:
    mistakes = 0
    for reference in arguments.assignments:
        try:
            found = requests.due(reference)
            print(f"{reference}: {found.title}: {len(found.criteria)} checks, {found.points:g} points")
        except GraderError as mistake:
            mistakes += 1
            print(f"grader: {mistake}", file=sys.stderr)
    return 2 if mistakes else 0


def snapshot(arguments: Namespace) -> int:
    """Prints the ledger's new seal, which is worth noting elsewhere."""
    keep = arguments.objects or Path(f"{arguments.ledger}.objects")
    access = repository.access_from(os.environ)
    observer = snapshots.Observer(keep=keep, allow=intake.PROTOCOLS, access=access)
    urls = [member.url for member in roster.read(arguments.roster)]
    print(f"seal {snapshots.snapshot(urls, arguments.ledger, observer, _tell_look)}")
    return 0


def verify_ledger(arguments: Namespace) -> int:
    print(ledger.verify(arguments.ledger, arguments.seal))
    return 0


def check_english(arguments: Namespace) -> int:
    return english.run(arguments.paths, strict=arguments.strict)


def quiz(arguments: Namespace) -> int:
    from grader.cli import quiz as quiz_commands  # what it needs, no other command does

    return quiz_commands.run(arguments)


def doctor(_: Namespace) -> int:
    return physician.run(sys.stdout)


def _collect(arguments: Namespace) -> Evidence:
    """Measures, saves the evidence, and says where it is."""
    url = repository.address.parse(arguments.url, intake.PROTOCOLS).url  # a relative path made absolute
    due = requests.due(arguments.assignment)
    deadline = requests.extension(arguments, url, due.id)
    due = due.due(deadline) if deadline else due
    if arguments.ledger:
        due = replace(due, witnesses=replace(due.witnesses, ledger=arguments.ledger))
    surroundings = requests.surroundings(arguments)
    request = intake.Request(
        url=url,
        branch=arguments.branch,
        assignment=arguments.assignment,
        deadline=deadline,
        static=arguments.static,
        offered=surroundings.offered,
    )
    with progress.Line(sys.stderr) as line:
        evidence = intake.collect(request, due, replace(surroundings, progress=line.show))
    path = arguments.evidence or intake.cache() / "evidence" / evidence_file.name(evidence)
    evidence_file.save(path, evidence)
    print(f"evidence: {path}", file=sys.stderr)
    return evidence


def _tell_changes(
    before: deadlines.Ruling | None, after: deadlines.Ruling | None, evidence: Evidence
) -> None:
    if before and after and evidence.commit:
        for sentence in deadlines.changes(before, after, evidence.commit.sha):
            print(sentence, file=sys.stderr)


def _tell_look(row: Row) -> None:
    print(f"{row.url}: {row.trouble or f'{len(row.refs)} branches'}", file=sys.stderr)
