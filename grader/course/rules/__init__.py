"""How parts become a grade: `course.toml` as records. What is made of them is in the modules beside."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader import assignment
from grader.assignment import Assignment
from grader.ground import toml
from grader.ground.errors import GraderError

WHOLE = "total"  # the word for all parts together, where a part could be named


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assignments that count together: each as much as the others, or only the `best` so many of them."""

    assignments: tuple[str, ...]
    weight: float = 0.0  # percent of the whole
    best: int = 0  # 0: all count


class Condition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What has to be so. Everything that is stated has to be met."""

    signature: bool = False  # the signature
    passed: tuple[str, ...] = ()  # each of these assignments is passed
    in_time: tuple[str, ...] = ()  # work was there in time for each of these
    least: dict[str, float] = {}  # percent of a part, or of `total`
    passed_of: dict[str, int] = {}  # so many assignments of a part are passed


class LateDays(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Days after deadlines that cost nothing, over all assignments, used in the order of the deadlines."""

    free: int = 0


class Rules(Struct, frozen=True, kw_only=True):
    """`grades` are the least percent of the whole for each grade; no condition is asked where one is None."""

    title: str
    assignments: Mapping[str, Assignment]
    parts: Mapping[str, Part] = {}
    signature: Condition | None = None
    offered_grade: Condition | None = None
    grades: Mapping[str, float] = {}
    late_days: LateDays = LateDays()


class Written(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tables of a course.toml that are rules, but for its parts."""

    signature: Condition | None = None
    offered_grade: Condition | None = None
    grades: dict[str, float] = {}
    late_days: LateDays = LateDays()


def read(path: Path) -> Rules:
    """The rules of a course, and its assignments, which lie beside the file or one folder further down.

    Raises:
        GraderError: not readable, or mistakes: all of them, each told by file and key.
    """
    try:
        tables = toml.parse(path.read_bytes(), str(path))
        course = toml.convert(tables, assignment.Course, str(path))
        written = _written(tables, str(path))
        parts = {
            key: toml.convert(table, Part, str(path), f"parts.{key}") for key, table in course.parts.items()
        }
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name the course.toml") from None
    except toml.Misfit as misfit:
        raise GraderError(str(misfit)) from None
    found = Rules(
        title=course.title,
        assignments=_assignments(path.parent),
        parts=parts,
        signature=written.signature,
        offered_grade=written.offered_grade,
        grades=written.grades,
        late_days=written.late_days,
    )
    if wrong := tuple(mistakes(found)):
        raise GraderError("\n".join(f"{path}: {each}" for each in wrong))
    return found


def find() -> Path:
    """The course.toml of the nearest folder of assignments. Raises GraderError."""
    shelves = list(assignment.shelves())
    for shelf in shelves:
        if (shelf / "course.toml").is_file():
            return shelf / "course.toml"
    raise GraderError("there is no assignments/course.toml here; name one with --course FILE")


def mistakes(rules: Rules) -> Iterator[str]:
    """Everything that contradicts itself, by key."""
    yield from _unknown_assignments(rules)
    for name, part in rules.parts.items():
        yield from _part(f"parts.{name}", part)
    asked = any(WHOLE in condition.least for _, condition in _conditions(rules))
    if asked or rules.grades or any(part.weight for part in rules.parts.values()):
        total = sum(part.weight for part in rules.parts.values())
        if abs(total - 100) > 1e-9:
            yield f"parts: the weights add up to {total:g} percent, expected 100"
    for grade, least in rules.grades.items():
        if not 0 <= least <= 100:
            yield f"grades.{grade}: expected percent from 0 to 100, got {least:g}"
    if rules.late_days.free < 0:
        yield f"late_days.free: expected days from 0, got {rules.late_days.free}"
    for key, condition in _conditions(rules):
        yield from _condition(key, condition, rules)
    if rules.signature and rules.signature.signature:
        yield "signature.signature: the signature cannot need itself"


def _written(tables: dict[str, Any], name: str) -> Written:
    fields = Written.__struct_fields__
    return toml.convert({key: value for key, value in tables.items() if key in fields}, Written, name)


def _assignments(folder: Path) -> dict[str, Assignment]:
    files = sorted([*folder.glob("*/assignment.toml"), *folder.glob("*/*/assignment.toml")])
    found: dict[str, Assignment] = {}
    mistakes = []
    for file in files:
        try:
            each = assignment.load(file)
            if each.id in found:
                mistakes.append(f"{file}: the id {each.id} is another assignment's, too")
            found[each.id] = each
        except GraderError as mistake:
            mistakes.append(str(mistake))
    if mistakes:
        raise GraderError("\n".join(mistakes))
    return found


def _conditions(rules: Rules) -> Iterator[tuple[str, Condition]]:
    if rules.signature:
        yield "signature", rules.signature
    if rules.offered_grade:
        yield "offered_grade", rules.offered_grade


def _unknown_assignments(rules: Rules) -> Iterator[str]:
    named = [(f"parts.{name}.assignments", part.assignments) for name, part in rules.parts.items()]
    for key, condition in _conditions(rules):
        named += [(f"{key}.passed", condition.passed), (f"{key}.in_time", condition.in_time)]
    for key, ids in named:
        for each in ids:
            if each not in rules.assignments:
                nearest = toml.did_you_mean(each, rules.assignments)
                yield f"{key}: there is no assignment {each!r}{nearest}"


def _part(key: str, part: Part) -> Iterator[str]:
    if not part.assignments:
        yield f"{key}.assignments: empty; name at least one assignment"
    if len(set(part.assignments)) < len(part.assignments):
        yield f"{key}.assignments: an assignment is named twice"
    if not 0 <= part.best <= len(part.assignments):
        yield f"{key}.best: expected from 0 (all) to {len(part.assignments)}, got {part.best}"
    if not 0 <= part.weight <= 100:
        yield f"{key}.weight: expected percent from 0 to 100, got {part.weight:g}"


def _condition(key: str, condition: Condition, rules: Rules) -> Iterator[str]:
    for name, least in condition.least.items():
        if name not in rules.parts and name != WHOLE:
            yield f"{key}.least.{name}: no such part{toml.did_you_mean(name, [*rules.parts, WHOLE])}"
        if not 0 <= least <= 100:
            yield f"{key}.least.{name}: expected percent from 0 to 100, got {least:g}"
    for name, count in condition.passed_of.items():
        if name not in rules.parts:
            yield f"{key}.passed_of.{name}: no such part{toml.did_you_mean(name, rules.parts)}"
        elif not 1 <= count <= len(rules.parts[name].assignments):
            most = len(rules.parts[name].assignments)
            yield f"{key}.passed_of.{name}: expected from 1 to {most}, got {count}"
