"""What is due, when, and worth how much: one TOML file per assignment, and one course.toml for all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from grader import checks
from grader.checks.deadline import Deadline
from grader.deadlines import instant
from grader.ground import toml
from grader.ground.errors import GraderError


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
    points: float
    checks: dict[str, dict[str, Any]]


def load(path: Path) -> Assignment:
    """The assignment in the file `path`, with the course.toml of the nearest folder above that has one.

    Raises:
        GraderError: not readable, or a mistake, told by file, key and nearest known key.
    """
    course_file = _course_file(path)
    try:
        rubric = toml.load(path.read_bytes(), Rubric, path.name)
        course = (
            toml.load(course_file.read_bytes(), Course, course_file.name) if course_file.exists() else None
        )
        defaults = course.defaults(course_file.parent) if course else {}
        criteria = tuple(_criteria(rubric, path, defaults))
        _require_sum(rubric, criteria, path.name)
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name an assignment or its TOML file") from None
    except toml.Misfit as misfit:
        raise GraderError(f"{path.parent}{os.sep}{misfit}") from None
    return Assignment(
        id=rubric.id,
        title=rubric.title,
        points=rubric.points,
        criteria=criteria,
        witnesses=course.witnesses.at(course_file.parent) if course else Witnesses(),
    )


def _course_file(path: Path) -> Path:
    """Assignments lie side by side beside a course.toml, or one folder deeper, by their kind."""
    above = path.resolve().parents[1:3]
    return next(
        (folder / "course.toml" for folder in above if (folder / "course.toml").exists()), path / "none"
    )


def find(reference: str) -> Path:
    """The file of an assignment, named by its id (`hw4`), its folder or its file.

    An id is looked for in ./assignments, then among those that the grader carries. Raises GraderError.
    """
    given = Path(reference)
    if given.is_file():
        return given
    shelved = (
        folder for shelf in shelves() for folder in (shelf / reference, *shelf.glob(f"*/{given.name}"))
    )
    folders = [given, *shelved] if reference else []
    for folder in folders:
        if (folder / "assignment.toml").is_file():
            return folder / "assignment.toml"
    known = sorted({file.parent.name for shelf in shelves() for file in shelf.glob("**/assignment.toml")})
    raise GraderError(f"there is no assignment {reference!r}{toml.did_you_mean(reference, known)}")


def ids(reference: str = "") -> frozenset[str]:
    """The ids of all assignments on the shelves, and of those beside the one that `reference` names."""
    files = [file for shelf in shelves() for file in shelf.glob("**/assignment.toml")]
    if reference:
        files += find(reference).parent.parent.glob("*/assignment.toml")
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


def _criteria(rubric: Rubric, path: Path, defaults: dict[str, Any]) -> Iterator[Criterion]:
    name = path.name
    for key, table in rubric.checks.items():
        place = f"checks.{key}"
        if key not in checks.TABLE:
            raise toml.Misfit(f"{name}: {place} is not a known check{toml.did_you_mean(key, checks.TABLE)}")
        settings = dict(table)
        points, required = settings.pop("points", 0), settings.pop("required", True)
        if not isinstance(points, int | float) or isinstance(points, bool) or points < 0:
            raise toml.Misfit(f"{name}: {place}.points: expected a number from 0, got {points!r}")
        if not isinstance(required, bool):
            raise toml.Misfit(f"{name}: {place}.required: expected true or false, got {required!r}")
        fields = checks.TABLE[key].__struct_fields__
        settings = {key: value for key, value in defaults.items() if key in fields} | settings
        check = toml.convert(settings, checks.TABLE[key], name, place).beside(path.parent)
        yield Criterion(key, check, points, required)


def _require_sum(rubric: Rubric, criteria: tuple[Criterion, ...], name: str) -> None:
    total = sum(criterion.points for criterion in criteria)
    if abs(total - rubric.points) > 1e-9:
        raise toml.Misfit(f"{name}: the checks' points add up to {total:g}, but points is {rubric.points:g}")
