"""Repositories of a course: most in time, others late, gone, empty, twins, pairs, hostile."""

import csv
from pathlib import Path

from tests.repository.building import bare, commit

RUBRIC = """\
schema = 1
id = "small"
title = "Small"
points = 30

[checks.deadline]
at = "2020-11-10 23:59"
zone = "Europe/Budapest"

[checks.readme]
points = 20
words = 4

[checks.document]
points = 10
required = false
"""
LATE = "2020-11-11T12:00:00+0100"
README = "# Birds\n\nWe listen to birds, number {}.\n"


def class_command(folder: Path, into: str, roster: str = "roster.csv") -> list[str]:
    """The arguments of `grader` that measure the class of a folder with small.toml."""
    return ["class", str(folder / roster), "--assignment", str(folder / "small.toml"), "--evidence-dir",
            str(folder / into)]  # fmt: skip


def build(folder: Path, ordinary: int = 50) -> Path:
    """The roster. The students 00 to 49, or so many of them, are ordinary. Of the others 50 is late, 51 late
    with an extension, 52 has no repository, 53 an empty one, 54 and 55 hand in the same, 56 and 57 share one,
    58 has a hostile name, 59 no README.
    """
    rows = []
    for number in (*range(ordinary), *range(50, 60)):
        code, place = f"AB{number:02}CD", folder / f"repository-{number:02}"
        name, extension = f"Student {number}", ""
        match number:
            case 50 | 51:
                commit(place, {"README.md": README.format(number)}, LATE)
                extension = "2020-11-12 23:59" if number == 51 else ""
            case 52:
                pass
            case 53:
                bare(place)
            case 55:
                commit(place, {"README.md": README.format(54)})
            case 57:
                place = folder / "repository-56"
            case 59:
                commit(place, {"train.py": "pass\n"})
            case _:
                commit(place, {"README.md": README.format(number)})
        if number == 58:
            name = '=HYPERLINK("https://evil.example")\x1b[31m<script>'
        rows.append([code, name, place, extension])
    roster = folder / "roster.csv"
    with roster.open("w", newline="") as file:
        csv.writer(file).writerows([["student", "name", "url", "small"], *rows])
    (folder / "small.toml").write_text(RUBRIC)
    return roster
