from pathlib import Path

import pytest

from grader.course import roster
from grader.course.roster import Member
from grader.ground.errors import GraderError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_roster(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufeffstudent,name,url,branch,hw4,project.final\r\n"
        'ABC123,"Lovelace, Ada",https://github.com/ada/hw4,,2020-11-12 23:59,\r\n'
        "DEF456,Árvíztűrő Tükör,git@github.com:def/hw4,work,, 2020-12-20 12:00 \r\n",
    )
    assert roster.read(path, ("hw4", "project.final")) == (
        Member("ABC123", "https://github.com/ada/hw4", "Lovelace, Ada", "", {"hw4": "2020-11-12 23:59"}),
        Member(
            "DEF456",
            "git@github.com:def/hw4",
            "Árvíztűrő Tükör",
            "work",
            {"project.final": "2020-12-20 12:00"},
        ),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the roster is empty"),
        ("student,name\nA,B\n", "has no column url; its first line is 'student,name'"),
        ("student,url,hw44\nA,u,\n", "the column hw44 is no assignment; did you mean hw4?"),
        ("student,url\nA,u\n,v\n", "roster.csv:3: the column student is empty"),
        ("student,url\nA,\n", "roster.csv:2: the column url is empty"),
        ("student,url\nA\n", "roster.csv:2: the column url is empty"),
        ("student,url\nA,u,x\n", "roster.csv:2: this line has more cells than the first line"),
        ("student,url\nA,u\nA,v\n", "student A is listed twice"),
        ('student,url\nA,"u\n', "is not a CSV file in UTF-8"),
    ],
)
def test_mistakes_are_told_by_their_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GraderError) as mistake:
        roster.read(write(tmp_path, text), ("hw4",))
    assert words in str(mistake.value)


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be read: No such file"):
        roster.read(tmp_path / "none.csv")
    path = tmp_path / "roster.csv"
    path.write_bytes(b"student,url\n\xff\xfe,u\n")
    with pytest.raises(GraderError, match="is not a CSV file in UTF-8"):
        roster.read(path)
