"""Who reads what: students read all but what only the instructor looks for."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from grader import checks
from grader.course.decisions import applying
from grader.course.lines import Line
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Outcome, Result, Verdict

SECRET = "secret"  # the file in the course's folder, from which names of pages are made
LETTERS = 24


def for_student(verdict: Verdict, student: str) -> Verdict:
    """Without the checks that are for the instructor and cost no points, under the roster's code."""
    shown = tuple(each for each in verdict.results if each.points.of or not _is_instructors(each))
    return replace(verdict, results=shown, student=student, for_instructor=())


def needs_a_look(line: Line) -> tuple[str, ...]:
    """Why a person should look at this first, the weightiest reason first; nothing for most."""
    return tuple(_reasons(line))


def secret(folder: Path) -> bytes:
    """The course's own, made at the first call. Raises GraderError."""
    path = folder / SECRET
    try:
        if not path.exists():
            whole_file.write(path, secrets.token_hex(32).encode())
            os.chmod(path, 0o600)
        return path.read_bytes()
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}: names of students' pages are made from it") from None


def name(key: bytes, assignment: str, student: str) -> str:
    """A name that stays the same for this student and assignment, and that nobody else can guess."""
    told = hmac.new(key, f"{assignment}\0{student}".encode(), hashlib.sha256)
    return told.hexdigest()[:LETTERS]


def _is_instructors(result: Result) -> bool:
    return result.check in checks.TABLE and checks.TABLE[result.check].audience == "instructor"


def _reasons(line: Line) -> Iterator[str]:
    verdict = line.verdict
    if line.excused:
        return
    if verdict is None:
        yield f"not measured: {line.trouble}" if line.trouble else "not measured"
        return
    if applying.open_again(verdict):
        yield "a decision was made on other evidence than there is now"
    yield from (each.message for each in verdict.for_instructor)
    for outcome in (Outcome.BROKEN, Outcome.INCONCLUSIVE):
        found = [each.check for each in verdict.results if each.outcome is outcome and _counts(each)]
        if found and verdict.outcome is not Outcome.PASSED:
            yield f"{outcome}: {', '.join(found)}"
    for each in verdict.results:
        if _is_instructors(each) and any(one.level != "note" for one in each.findings):
            yield f"flagged by {each.check}"
    failed = [each for each in verdict.results if each.required and each.outcome is Outcome.FAILED]
    if len(failed) == 1 and len(verdict.results) > 2 and verdict.outcome is Outcome.FAILED:
        yield f"nearly passed: only {failed[0].check} failed"
    if line.trouble:
        yield f"older than the last look: {line.trouble}"


def _counts(result: Result) -> bool:
    return bool(result.required or result.points.of)
