"""What a measurement was made from, by content: what is measured again is told by this, not by a path.

A name stands for the check, its settings, the commit, and the source text of all that the check imports. A
check whose name is the same as before would measure the same again.
"""

import hashlib
import inspect
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

import grader
from grader.assignment import Assignment, Criterion
from grader.checks.deadline import Deadline
from grader.ground.verdict import Crashed, Evidence, Measured, Unmeasured
from grader.intake import Request

PACKAGE = Path(grader.__file__).parent
IMPORTS = re.compile(
    r"^[ \t]*(?:from (?P<base>grader[\w.]*) import (?P<names>\([^)]*\)|[^\n]*)"
    r"|import (?P<whole>grader[\w.]*))",
    re.MULTILINE,
)
WORD = re.compile(r"\w+")
TABLE = PACKAGE / "checks" / "__init__.py"  # names every check, and measures nothing
STARTED = ("workers", "sandbox")  # started as programs, so that no import names them


class Known(Struct, frozen=True):
    """What evidence that is there says of itself: enough to know whether anything has to be measured."""

    sha: str
    chosen: str  # by a person
    heads: str
    made_from: dict[str, str]
    unmeasured: tuple[str, ...]
    offered: tuple[str, ...]
    collected: int  # when its history was read, in seconds since 1970; 0: it was not
    live: bool  # answered in class: no repository holds it


class Asked(Protocol):
    """What is asked of a student's repository; `batch.Wanted` is one."""

    @property
    def request(self) -> Request: ...
    @property
    def assignment(self) -> Assignment: ...
    @property
    def versions(self) -> Mapping[str, str]: ...
    @property
    def known(self) -> Known | None: ...
    @property
    def retry(self) -> bool: ...


def known(evidence: Evidence) -> Known:
    history = evidence.measurements.get("deadline")
    timeline = history.data.get("timeline", {}) if isinstance(history, Measured) else {}
    unmeasured = (
        name
        for name, each in evidence.measurements.items()
        if isinstance(each, Unmeasured | Crashed) and name in evidence.made_from
    )
    return Known(
        sha=evidence.commit.sha if evidence.commit else "",
        chosen=evidence.chosen,
        heads=evidence.heads,
        made_from=evidence.made_from,
        unmeasured=tuple(unmeasured),
        offered=evidence.offered,
        collected=timeline.get("collected", 0),
        live=evidence.commit is None and not evidence.heads,
    )


def stale(asked: Asked, sha: str) -> tuple[str, ...]:
    """The checks to measure at the commit `sha`, in the order of the assignment."""
    before = asked.known
    other = before is None or (before.sha, before.chosen) != (sha, asked.request.commit)
    if before is None or other or not before.made_from:
        return tuple(each.name for each in asked.assignment.criteria)
    now = names(asked.assignment, sha, asked.versions)
    return tuple(
        each.name
        for each in asked.assignment.criteria
        if before.made_from.get(each.name) != now[each.name] or _is_stale(asked, before, each)
        if each.check.lane == "static" or not asked.request.static  # the whole contains the part
    )


def _is_stale(asked: Asked, before: Known, criterion: Criterion) -> bool:
    """What may be measured otherwise now, though nothing of the submission or of the check is other."""
    if asked.retry and criterion.name in before.unmeasured:
        return True
    if isinstance(criterion.check, Deadline):  # what came until the deadline is only known after it
        return before.collected <= criterion.check.instant.last < time.time()
    return criterion.check.lane != "static" and not set(asked.request.offered) <= set(before.offered)


def versions(due: Assignment) -> dict[str, str]:
    """For each check of an assignment a name of its own source text, and of all that it is made of."""
    known: dict[Path, tuple[bytes, frozenset[Path]]] = {}
    return {each.name: _version(each, known) for each in due.criteria}


def names(due: Assignment, sha: str, versions: Mapping[str, str]) -> dict[str, str]:
    """For each check a name of all that its measurement at the commit `sha` is made from."""
    return {each.name: _name(each, sha, versions[each.name]) for each in due.criteria}


def _name(criterion: Criterion, sha: str, version: str) -> str:
    content = [criterion.name, msgspec.to_builtins(criterion.check), sha, version]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:16]


def _version(criterion: Criterion, known: dict[Path, tuple[bytes, frozenset[Path]]]) -> str:
    start = [Path(inspect.getfile(type(criterion.check)))]
    if criterion.check.lane != "static":
        start += [file for name in STARTED for file in sorted((PACKAGE / name).rglob("*.py"))]
    reached: set[Path] = set()
    while start:
        file = start.pop()
        if file not in reached:
            reached.add(file)
            known[file] = known.get(file) or _source(file)
            start += known[file][1]
    told = hashlib.sha256()
    for file in sorted(reached):
        told.update(f"{file.relative_to(PACKAGE)}\0".encode() + known[file][0])
    return told.hexdigest()[:16]


def _source(file: Path) -> tuple[bytes, frozenset[Path]]:
    """A file's digest, with that of the data beside it, and the files of ours that it imports."""
    text = file.read_text()
    told = hashlib.sha256(text.encode())
    for data in sorted(file.parent.iterdir()) if file.name == "__init__.py" else ():
        if data.is_file() and data.suffix != ".py":
            told.update(data.read_bytes())
    return told.digest(), frozenset(_imported(text))


def _imported(text: str) -> Iterator[Path]:
    for match in IMPORTS.finditer(text):
        base = match["base"] or match["whole"]
        yield from _files(base)
        for name in WORD.findall(match["names"] or ""):
            yield from _files(f"{base}.{name}")


def _files(module: str) -> Iterator[Path]:
    """The file of a module, or that of a package."""
    place = PACKAGE.joinpath(*module.split(".")[1:])
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if place != PACKAGE and file != TABLE and file.is_file():
            yield file
