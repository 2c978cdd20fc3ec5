"""Which column is what: by the names that exports are known to give, or as a person says."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.toml import did_you_mean
from grader.ground.visible import visible

REQUIRED = ("student", "url")
IGNORED = "ignore"

# Ours come first: a column of that very name is meant before any other.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "student": (
        "student", "Neptun kód", "Neptun", "Neptun code", "ID number", "Azonosítószám", "Student ID",
        "Username", "Felhasználónév", "SIS User ID", "roster_identifier",
    ),
    "url": (
        "url", "Repository", "Repo", "Repository URL", "Git URL", "Git repository", "GitHub URL",
        "GitLab URL", "Address of the repository", "student_repository_url", "Tároló", "Repó",
    ),
    "name": ("name", "Név", "Full name", "Teljes név", "Nyomtatási név", "Student name", "Hallgató neve"),
    "branch": ("branch",),
}  # fmt: skip
PARTS_OF_NAME = ("First name", "Last name", "Surname", "Keresztnév", "Utónév", "Vezetéknév")
OTHERS = (
    "Email", "Email address", "E-mail cím", "Mail", "Phone", "Group", "Groups", "Csoport", "Csoportok",
    "Section", "Department", "Institution", "Tanszék", "Intézmény", "Képzés", "Évfolyam", "Tanrend típus",
    "Modulkód", "Bejegyzések (Aktuális félév)", "Bejegyzés", "Részeredmény", "Kurzuskód", "Tárgykód",
    "Tárgynév", "Status", "Last access", "Note", "Notes", "Comment", "Megjegyzés", "No.", "Sorszám",
    "github_id", "github_username", "ID", "Login ID", "SIS Login ID", "Integration ID", "Root Account",
    "Roles", "Szerepek",
)  # fmt: skip


class Columns(Struct, frozen=True):
    """The place of each column from 0. `parts` make up a name, in the order of the file."""

    places: Mapping[str, int]
    parts: tuple[int, ...]
    assignments: Mapping[str, int]
    width: int


def plain(heading: str) -> str:
    """Without accents, case, blanks and hyphens, in which exports of one system differ."""
    letters = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def chosen(written: Sequence[str]) -> dict[str, str]:
    """`student=Neptun kód` as a role and a heading, by heading. Raises GraderError."""
    found = {}
    for each in written:
        role, _, heading = each.partition("=")
        roles = (*KNOWN, IGNORED)
        if role not in roles or not heading:
            raise GraderError(
                f"--columns {visible(each)}: write it as student='Neptun kód'{did_you_mean(role, roles)}"
            )
        found[heading] = role
    return found


def is_heading(cells: Sequence[str], said: Mapping[str, str]) -> bool:
    """Whether this row names the student's column."""
    return bool(_called("student", cells, said))


def columns(
    cells: Sequence[str], said: Mapping[str, str], assignments: Collection[str], mistakes: list[str]
) -> Columns:
    """The columns of a heading row; what is wrong with it is added to `mistakes`."""
    places: dict[str, int] = {}
    for role in KNOWN:
        found = _called(role, cells, said)
        if len(found) > 1:
            several = " and ".join(visible(cells[place]) for place in found)
            mistakes.append(f"{several} could both be the column {role}; say --columns {role}='...'")
        if found:
            places[role] = found[0]
        elif role in REQUIRED:
            mistakes.append(_missing(role, cells))
    parts = _among(PARTS_OF_NAME, cells) if "name" not in places else []
    others = dict(_others(cells, said, assignments))
    if assignments:
        mistakes += (_unknown(name, assignments) for name in others if name not in assignments)
    width = max((place + 1 for place, cell in enumerate(cells) if cell), default=0)
    return Columns(places, tuple(parts), others, width)


def _called(role: str, cells: Sequence[str], said: Mapping[str, str]) -> list[int]:
    """The columns that a person said are it; else the one of our own name; else all of its known names."""
    named = [heading for heading, each in said.items() if each == role]
    if named:
        return _among(named, cells)
    free = [cell if cell not in said else "" for cell in cells]
    return _among(KNOWN[role][:1], free) or _among(KNOWN[role], free)


def _among(names: Collection[str], cells: Sequence[str]) -> list[int]:
    wanted = {plain(name) for name in names}
    return [place for place, cell in enumerate(cells) if cell and plain(cell) in wanted]


def _others(
    cells: Sequence[str], said: Mapping[str, str], assignments: Collection[str]
) -> Iterator[tuple[str, int]]:
    known = {plain(name) for names in KNOWN.values() for name in names}
    known |= {plain(name) for name in (*PARTS_OF_NAME, *OTHERS, *said)}
    for place, cell in enumerate(cells):
        if cell and (cell in assignments or plain(cell) not in known):
            yield cell, place


def _missing(role: str, cells: Sequence[str]) -> str:
    there = ", ".join(visible(cell, 40) for cell in cells if cell)
    return f"there is no column {role}; say which it is with --columns {role}='...': there are {there}"


def _unknown(name: str, assignments: Collection[str]) -> str:
    nearest = did_you_mean(name, (*KNOWN, *assignments))
    return (
        f"the column {visible(name)} is no assignment{nearest}; or say --columns {IGNORED}='{visible(name)}'"
    )
