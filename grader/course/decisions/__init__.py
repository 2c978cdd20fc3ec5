"""What persons decided: `decisions.toml`, to which rows are only added. Nothing else changes a verdict."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct, structs

from grader.ground import evidence_file, toml
from grader.ground.errors import GraderError
from grader.ground.visible import visible

NAME = "decisions.toml"
HEAD = (
    "# What persons decided in this course, newest last. `grader decide` adds to it; nothing is taken away.\n"
)
KINDS = ("points", "outcome", "commit", "excused", "deadline", "withdrawn")


class Decision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One decision. Without `check` it is about the whole assignment.

    `evidence` names what it was made on (`binding.digest`); `before` says what held then. The last decision
    on the same thing holds; one that is `withdrawn` takes back those before it.
    """

    time: str  # ISO 8601, UTC
    by: str
    student: str
    assignment: str
    check: str = ""
    points: float | None = None
    outcome: str = ""  # passed or failed
    commit: str = ""  # the commit that counts instead
    excused: bool = False
    deadline: str = ""  # another one, for this student
    withdrawn: bool = False
    because: str
    before: str = ""
    evidence: str = ""
    private: bool = False  # the reason is not for the student

    @property
    def about(self) -> str:
        """What it decides on; a later one about the same takes its place."""
        if self.check:
            return self.check
        return "excused" if self.excused else "deadline" if self.deadline else "commit"


class File(Struct, frozen=True, forbid_unknown_fields=True):
    decisions: tuple[Decision, ...] = ()


def read(path: Path) -> tuple[Decision, ...]:
    """All decisions, oldest first; none where there is no file. Raises GraderError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as trouble:
        raise GraderError(f"{path}: the decisions cannot be read: {trouble.strerror}") from None
    try:
        found = toml.load(content, File, str(path)).decisions
    except toml.Misfit as misfit:
        raise GraderError(str(misfit)) from None
    for number, each in enumerate(found, 1):
        if mistake := next(mistakes(each), ""):
            raise GraderError(f"{path}: decision {number}, on {visible(each.student)}: {mistake}")
    return found


def mistakes(decision: Decision) -> Iterator[str]:
    """What keeps it from being one decision that can be understood later."""
    if not decision.because.strip():
        yield "it says no reason: because is empty"
    if not decision.by.strip():
        yield "it says not who decided: by is empty"
    named = [name for name in KINDS if _is_given(getattr(decision, name))]
    whole = set(named) & {"commit", "excused", "deadline"}
    if decision.check and whole:
        yield f"{', '.join(sorted(whole))} is about the whole assignment, not about {decision.check}"
    if not decision.check and set(named) & {"points", "outcome"}:
        yield "points and outcome are those of a check: name one"
    if len(whole) > 1:
        yield f"{' and '.join(sorted(whole))} are two decisions: write one after the other"
    if not named:
        yield "it decides nothing: give points, outcome, commit, excused, deadline or withdrawn"
    if decision.outcome not in ("", "passed", "failed"):
        yield f"outcome is passed or failed, not {decision.outcome!r}"
    if decision.commit and not re.fullmatch("[0-9a-f]{7,40}", decision.commit):
        yield f"commit is a commit's id, or its first letters, 7 or more, not {visible(decision.commit)!r}"
    if decision.points is not None and decision.points < 0:
        yield f"points are a number from 0, not {decision.points:g}"


def of(made: Sequence[Decision], student: str, assignment: str) -> tuple[Decision, ...]:
    """Those that hold for one student and assignment: the last on each thing, unless it was withdrawn."""
    last: dict[str, Decision] = {}
    for each in made:
        if (each.student, each.assignment) == (student, assignment):
            if each.withdrawn and not each.check:
                last = {about: kept for about, kept in last.items() if kept.check}
            else:
                last[each.about] = each
    return tuple(each for each in last.values() if not each.withdrawn)


def add(path: Path, decision: Decision) -> None:
    """Writes one more row at the end of the file. Raises GraderError."""
    if mistake := next(mistakes(decision), ""):
        raise GraderError(mistake)
    read(path)  # what cannot be read is not added to
    before = path.read_text("utf-8-sig") if path.exists() else HEAD
    evidence_file.write(path, f"{before.rstrip()}\n\n{_row(decision)}")


def _row(decision: Decision) -> str:
    given = {name: value for name, value in structs.asdict(decision).items() if _is_given(value)}
    return "[[decisions]]\n" + "".join(f"{name} = {_value(value)}\n" for name, value in given.items())


def _is_given(value: object) -> bool:
    """0 points are given, and are no False."""
    return value is not None and value is not False and value != ""


def _value(value: object) -> str:
    """TOML's strings are written as those of JSON, but for DEL, which TOML wants escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.9g}"
    text = json.dumps(str(value), ensure_ascii=False)
    return re.sub("[\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", text)
