"""What is due, when, and worth how much: one TOML file per assignment, and one course.toml for all."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from grader import checks
from grader.checks.deadline import Deadline
from grader.deadlines import instant
from grader.ground import toml
from grader.ground.errors import GraderError
from grader.ground.settings import Amount

ID = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)  # names files and folders


class Criterion(Struct, frozen=True):
    """A check in an assignment's rubric. A required one decides whether the submission passes at all."""

    name: str
    check: checks.Check
    points: float
    required: bool


class Witnesses(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose clocks count besides the student's (docs/deadlines.md). Paths start at the course.toml."""

    ledger: str = ""  # what `grader snapshot` recorded
    objects: str = ""  # what it kept; "" is the ledger's path with `.objects`
    host: bool = True  # ask the host that the repository lies on, if it is GitHub or GitLab
    api: str = ""  # address of a host of one's own, and its kind: github or gitlab
    kind: str = ""
    authority: str = ""  # certificates that the course trusts for time stamps, PEM
    signers: str = ""  # the course's own keys, as an allowed-signers file of ssh-keygen

    def at(self, folder: Path) -> "Witnesses":
        """With paths that start where this process does."""
        paths = {name: getattr(self, name) for name in ("ledger", "objects", "authority", "signers")}
        return structs.replace(self, **{name: str(folder / path) for name, path in paths.items() if path})


class Assignment(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    points: float
    criteria: tuple[Criterion, ...]
    witnesses: Witnesses = Witnesses()

    @property
    def deadline(self) -> Deadline | None:
        """The criterion that says until when, if the assignment has one."""
        found = (criterion.check for criterion in self.criteria if isinstance(criterion.check, Deadline))
        return next(found, None)

    def due(self, at: str) -> "Assignment":
        """The same assignment with another deadline, in the same zone. Raises GraderError."""
        deadline = self.deadline
        if deadline is None:
            raise GraderError(f"the assignment {self.id} has no deadline that could be changed")
        instant(at, deadline.zone)
        moved = structs.replace(deadline, at=at)
        return structs.replace(
            self,
            criteria=tuple(
                structs.replace(each, check=moved) if each.check is deadline else each
                for each in self.criteria
            ),
        )

    def revealed(self, now: float) -> "Assignment":
        """The same assignment with findings that tell what would have been right; `now` is POSIX seconds.

        Raises GraderError: its deadline has not passed.
        """
        deadline = self.deadline
        if deadline and now <= deadline.instant.last:
            raise GraderError(f"{self.id} is due at {deadline.at}: nothing is revealed before that")
        shown = (structs.replace(each, check=each.check.revealed()) for each in self.criteria)
        return structs.replace(self, criteria=tuple(shown))


class Course(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`course.toml`: what all assignments of a course share. `course.rules` reads how they become a grade."""

    schema: int
    title: str
    zone: str
    open_images: str = ""  # a folder with the tables of Open Images; starts at the course.toml
    witnesses: Witnesses = Witnesses()
    parts: dict[str, Any] = {}
    signature: dict[str, Any] = {}
    offered_grade: dict[str, Any] = {}
    grades: dict[str, Any] = {}
    late_days: dict[str, Any] = {}

    def defaults(self, folder: Path) -> dict[str, Any]:
        """Settings of the checks that have them, with paths that start where this process does."""
        tables = str(folder / self.open_images) if self.open_images else ""
        return {"zone": self.zone, "open_images": tables}


class Rubric(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`assignment.toml` as it is written; each table under `checks` is read by its own check."""

    schema: int
    id: str
    title: str
    points: Amount
    checks: dict[str, dict[str, Any]]


class Rated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a table under `checks` says beside the settings of its check."""

    points: Amount = 0
    required: bool = True


def load(path: Path) -> Assignment:
    """The assignment in the file `path`, with the course.toml of the nearest folder above that has one.

    Raises:
        GraderError: not readable, or mistakes: all of them, each told by file, key and nearest known key.
    """
    course_file = _course_file(path)
    try:
        tables = toml.parse(path.read_bytes(), path.name)
        course = (
            toml.load(course_file.read_bytes(), Course, course_file.name) if course_file.exists() else None
        )
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name an assignment or its TOML file") from None
    except toml.Misfit as misfit:
        raise GraderError(f"{path.parent}{os.sep}{misfit}") from None
    mistakes = [*toml.mistakes(tables, Rubric, path.name), *_heading(tables, path.name)]
    defaults = course.defaults(course_file.parent) if course else {}
    criteria = tuple(_criteria(tables.get("checks"), path, defaults, mistakes))
    if not mistakes:
        mistakes += _sum(tables["points"], criteria, path.name)
    if mistakes:
        raise GraderError("\n".join(f"{path.parent}{os.sep}{each}" for each in mistakes))
    return Assignment(
        id=tables["id"],
        title=tables["title"],
        points=tables["points"],
        criteria=criteria,
        witnesses=course.witnesses.at(course_file.parent) if course else Witnesses(),
    )


def _course_file(path: Path) -> Path:
    """Assignments lie side by side beside a course.toml, or one folder deeper, by their kind."""
    above = path.resolve().parents[1:3]
    files = (folder / "course.toml" for folder in above)
    return next((file for file in files if file.exists()), path / "none")


def find(reference: str) -> Path:
    """The file of an assignment, named by its id (`hw4`), its folder or its file.

    An id is looked for in ./assignments, then among those that the grader carries. A folder that is not there
    is no id: a course's own quiz is never taken for the one that the grader carries. Raises GraderError.
    """
    given = Path(reference)
    for own in (given, given / "assignment.toml") if reference else ():
        if os.path.isfile(own):  # says no to a name that is too long, where a path raises OSError
            return own
    shelved = [file for shelf in shelves() for file in sorted(shelf.glob("**/assignment.toml"))]
    for file in shelved:
        if given.parts and file.parent.parts[-len(given.parts) :] == given.parts:
            return file
    known = sorted({file.parent.name for file in shelved})
    raise GraderError(f"there is no assignment {reference!r}{toml.did_you_mean(reference, known)}")


def ids(reference: str = "") -> frozenset[str]:
    """The ids of all assignments on the shelves, of the one that is named, and of those beside it."""
    files = [file for shelf in shelves() for file in shelf.glob("**/assignment.toml")]
    if reference:
        named = find(reference)
        files += [named, *named.parent.parent.glob("*/assignment.toml")]
    return frozenset(filter(None, map(_id, files)))


def _id(file: Path) -> str:
    try:
        return str(toml.parse(file.read_bytes(), file.name).get("id", ""))
    except (OSError, toml.Misfit):  # whoever loads it is told
        return ""


def shelves() -> Iterator[Path]:
    """The folders that hold assignments, nearest first."""
    package = Path(__file__).parent
    candidates = (Path("assignments"), package / "assignments", package.parent / "assignments")
    return (folder for folder in candidates if folder.is_dir())


def _heading(tables: dict[str, Any], name: str) -> Iterator[str]:
    """What is wrong with values of the right type."""
    schema, own, title = (tables.get(key) for key in ("schema", "id", "title"))
    if isinstance(schema, int) and schema != 1:
        yield f"{name}: schema is {schema}, this grader reads 1"
    if isinstance(own, str) and not ID.fullmatch(own):
        yield f"{name}: id is {own[:60]!r}, expected letters, digits, dashes and dots, as in hw4"
    if isinstance(title, str) and not title.strip():
        yield f"{name}: title is empty"


def _criteria(
    tables: object, path: Path, defaults: dict[str, Any], mistakes: list[str]
) -> Iterator[Criterion]:
    """Those that are right; what is wrong with the others is added to `mistakes`."""
    for key, table in tables.items() if isinstance(tables, dict) else ():
        place = f"checks.{key}"
        if key not in checks.TABLE:
            known = toml.did_you_mean(key, checks.TABLE)
            mistakes.append(f"{path.name}: {place} is not a known check{known}")
        elif isinstance(table, dict):
            try:
                yield _criterion(key, table, path, defaults)
            except toml.Misfit as misfit:
                mistakes += str(misfit).split("\n")


def _criterion(key: str, table: dict[str, Any], path: Path, defaults: dict[str, Any]) -> Criterion:
    """Raises Misfit: all that is wrong with the table, each on a line."""
    place, kind = f"checks.{key}", checks.TABLE[key]
    own = {name: value for name, value in table.items() if name in Rated.__struct_fields__}
    settings = {name: value for name, value in defaults.items() if name in kind.__struct_fields__}
    settings |= {name: value for name, value in table.items() if name not in own}
    found = toml.mistakes(own, Rated, path.name, place) + toml.mistakes(settings, kind, path.name, place)
    if found:
        raise toml.Misfit("\n".join(found))
    rated = msgspec.convert(own, Rated)
    check = msgspec.convert(settings, kind).beside(path.parent)
    return Criterion(key, check, rated.points, rated.required)


def _sum(points: float, criteria: tuple[Criterion, ...], name: str) -> Iterator[str]:
    total = sum(criterion.points for criterion in criteria)
    if abs(total - points) > 1e-9:
        yield f"{name}: the checks' points add up to {total:g}, but points is {points:g}"
