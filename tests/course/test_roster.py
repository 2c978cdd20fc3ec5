"""Rosters as spreadsheets and other systems export them, and what is told of each mistake."""

import datetime
from pathlib import Path

import openpyxl
import pytest

from grader import assignment, engine
from grader.cli import main
from grader.course import audience, roster
from grader.course.lines import Line
from grader.course.roster import Member, headings, times
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence, Verdict
from grader.intake.clocks import ledger
from grader.render import terminal
from tests.repository.building import C, bare, files, history

ADA = Member("ABC123", "https://github.com/ada/hw4", "Lovelace, Ada", "", {"hw4": "2020-11-12 23:59"})
DEF = Member(
    "DEF456", "git@github.com:def/hw4", "Árvíztűrő Tükör", "work", {"project.final": "2020-12-20 12:00"}
)
OURS = (
    "student,name,url,branch,hw4,project.final\r\n"
    'ABC123,"Lovelace, Ada",https://github.com/ada/hw4,,2020-11-12 23:59,\r\n'
    "DEF456,Árvíztűrő Tükör,git@github.com:def/hw4,work,, 2020-12-20 12:00 \r\n"
)
# As Hungarian Excel saves it: its own headings, semicolons, a line of blanks, dates in its own form.
EXCEL = (
    "Neptun kód;Név;Repository;branch;hw4;project.final;Megjegyzés\r\n"
    "ABC123;Lovelace, Ada;https://github.com/ada/hw4;;2020. 11. 12. 23:59;;ok\r\n;;;;;;\r\n"
    "DEF456;Árvíztűrő Tükör;git@github.com:def/hw4;work;;2020.12.20 12:00:00;\r\n"
)


def write(tmp_path: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        OURS.encode(),
        OURS.encode("utf-8-sig"),
        OURS.replace("\r\n", "\n").encode("utf-16"),
        EXCEL.encode("utf-8-sig"),
        EXCEL.encode("cp1250"),
        EXCEL.replace(";", "\t").encode("utf-16"),
        b"sep=;\r\n" + EXCEL.encode(),
        ("Jegyzet a tanszéktől;;;;;;\r\n" + EXCEL).encode(),
    ],
)
def test_one_class_in_many_files(tmp_path: Path, content: bytes) -> None:
    assert roster.read(write(tmp_path, content), ("hw4", "project.final")).members == (ADA, DEF)


def test_a_workbook(tmp_path: Path) -> None:
    """Neptun's headings; a deadline as a real date, and one as a day without a time."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Név", "Neptunkód", "Tanrend típus", "url", "hw4", "l1"])
    page.append(
        [
            "Lovelace, Ada",
            "ABC123",
            "x",
            "https://github.com/ada/hw4",
            datetime.datetime(2020, 11, 12, 23, 59),
        ]
    )
    page.append([])
    page.append(["Nulla", 123456, "x", "https://github.com/b/hw4", None, datetime.date(2020, 11, 12)])
    page.append(["Baj", 2.2e101, "x", "https://github.com/c/hw4"])
    path = tmp_path / "roster.xlsx"
    book.save(path)
    with pytest.raises(GraderError, match=r"roster.xlsx:5: 2.2e\+101 is what a spreadsheet made of a code"):
        roster.read(path)
    page.delete_rows(5)
    book.save(path)
    assert roster.read(path).members == (
        ADA,
        Member("123456", "https://github.com/b/hw4", "Nulla", "", {"l1": "2020-11-12 23:59"}),
    )


def test_a_list_of_participants_from_moodle(tmp_path: Path) -> None:
    moodle = "First name,Surname,ID number,Email address,Groups,Git repository\n"
    moodle += "'=Ada,Lovelace,ABC123,a@b.hu,G1,u\n"
    assert roster.read(write(tmp_path, moodle), ("hw4",)).members == (Member("ABC123", "u", "=Ada Lovelace"),)
    other = moodle.replace("ID number", "Kód").replace("Git repository", "Link")
    with pytest.raises(GraderError) as mistake:
        roster.read(write(tmp_path, other))
    assert "roster.csv:1: there is no column student; say which it is with --columns student='...'" in str(
        mistake.value
    )
    assert "there is no column url" in str(mistake.value)
    said = headings.chosen(["student=Kód", "url=Link"])
    assert roster.read(write(tmp_path, other), ("hw4",), said).members[0].student == "ABC123"
    with pytest.raises(GraderError, match="did you mean student"):
        headings.chosen(["studnt=Kód"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["the roster is empty"]),
        ("student,url\n", ["the roster names nobody"]),
        ("student,name\nA,B\n", ["roster.csv:1: there is no column url", "there are student, name"]),
        ("student,url,hw44\nA,u,\n", ["roster.csv:1: the column hw44 is no assignment; did you mean hw4?"]),
        ("student,url,nmae\nA,u,\n", ["the column nmae is no assignment; did you mean name?"]),
        ("Neptun kód,Username,url\nA,a,u\n", ["Neptun kód and Username could both be the column student"]),
        ('student,url\nA,"u\n', ["is not a CSV file"]),
        (
            "student,url,hw4\n\nA,u\n,v\nB,w,tomorrow\nC,x,11/12/2020\nA,y,,z\n1E+05,q\n",
            [
                "roster.csv:4: the column student is empty",
                "roster.csv:5: hw4: 'tomorrow' is not a time; write it as 2020-11-12 23:59",
                "roster.csv:6: hw4: '11/12/2020' is not a time",
                "roster.csv:7: this line has more cells than the line of headings",
                "roster.csv:8: 1E+05 is what a spreadsheet made of a code",
                "roster.csv:7: student A is listed twice, on line 3 too",
            ],
        ),
    ],
)
def test_all_mistakes_are_told_by_their_place(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(GraderError) as mistake:
        roster.read(write(tmp_path, text), ("hw4",))
    told = str(mistake.value).splitlines()
    assert len(told) == max(1, len(words) if len(words) > 2 else 1)
    for word in words:
        assert any(word in line for line in told), word


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be read: No such file"):
        roster.read(tmp_path / "none.csv")
    with pytest.raises(GraderError, match="is no table of text"):
        roster.read(write(tmp_path, bytes(range(256))))
    with pytest.raises(GraderError, match="is not a workbook that opens"):
        roster.read(write(tmp_path, b"student,url", "roster.xlsx"))


def test_what_is_odd_is_told_and_pairs_share_the_later_extension(tmp_path: Path) -> None:
    found = roster.read(
        write(
            tmp_path,
            "student,url,hw4,l1\n"
            "AAA111,https://github.com/a/b,2020-11-12 09:00,\n"
            "BBB222,git@github.com:A/b.git,2020-11-12 8:30,2020-11-20 12:00\n"
            "aaa111,https://github.com/c/d,,\n"
            "CCC333,,2020-12-01 12:00,\n"
            "DDD444,,,\n",
        )
    )
    both = {"hw4": "2020-11-12 09:00", "l1": "2020-11-20 12:00"}
    given = [dict(each.extensions) for each in found.members]
    assert given == [both, both, {}, {"hw4": "2020-12-01 12:00"}, {}]
    assert found.told == (
        "AAA111 (line 2) and aaa111 (line 4) differ in letter case only, and are taken for different"
        " students",
        "AAA111 (line 2) and BBB222 (line 3) have one address: they hand in together, and the later"
        " extension is both's",
        "CCC333 (line 5) has no address yet",
        "DDD444 (line 6) has no address yet",
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2020-11-12 23:59", "2020-11-12 23:59"),
        ("2020. 11. 12. 8:05", "2020-11-12 08:05"),
        ("2020.11.12.", "2020-11-12 23:59"),
        ("2020/11/2", "2020-11-02 23:59"),
        ("12.11.2020 23:59:00", "2020-11-12 23:59"),
        ("2020-11-12T22:00Z", "2020-11-12T22:00Z"),
        ("2020-11-12 23:59:30", "2020-11-12 23:59:30"),
    ],
)
def test_deadlines_as_spreadsheets_write_them(written: str, read: str) -> None:
    assert times.plain(written) == read


@pytest.mark.parametrize("written", ["11/12/2020", "2020-13-12", "2020.02.30 10:00", "44147.99", "soon"])
def test_what_is_no_time_or_two(written: str) -> None:
    with pytest.raises(GraderError):
        times.plain(written)


def test_every_command_reads_it_alike_and_a_row_without_address_costs_nobody_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = bare(tmp_path / "student.git")
    root = files(source, {"submission.toml": b'student = "bbb222"\n'})
    history(source, [C("a", "2020-11-11T12:00:00+01:00")], "main", root)
    course = tmp_path / "assignments" / "a"
    course.mkdir(parents=True)
    (course.parent / "course.toml").write_text('schema = 1\ntitle = "t"\nzone = "Europe/Budapest"\n')
    (course / "assignment.toml").write_text(
        'schema = 1\nid = "a"\ntitle = "A"\npoints = 1\n'
        '[checks.deadline]\nat = "2020-11-10 23:59"\npoints = 1\n'
    )
    path = write(tmp_path, f"Kód;url;a\nAAA111;{source};\nBBB222;file://{source};2020. 11. 12.\nCCC333;;\n")
    monkeypatch.chdir(tmp_path)
    given = [str(path), "--columns", "student=Kód"]
    assert main(["class", *given, "--assignment", "a", "--evidence-dir", "kept", "--static"]) == 4
    out, err = capsys.readouterr()
    assert "2 passed" in out and "1 not measured" in out
    assert "CCC333: there is no address of a repository" in err
    assert "AAA111 (line 2) and BBB222 (line 3) have one address" in err
    assert main(["snapshot", *given, "--ledger", "ledger.jsonl"]) == 0
    assert [bool(row.trouble) for row in ledger.read(Path("ledger.jsonl")).rows] == [False, False]
    named = ["--roster", *given, "--assignment", "a"]
    assert main(["check", str(source), "--static", "--evidence", "e.json", *named]) == 0
    assert main(["judge", "e.json", *named]) == 0
    saved = evidence_file.load(Path("e.json"))
    assert (saved.deadline, saved.listed) == ("2020-11-12 23:59", ("AAA111", "BBB222"))
    assert "the roster has its address for" not in capsys.readouterr().out
    capsys.readouterr()
    path.write_text(path.read_text().replace(";a\n", ";aa\n", 1))
    for command in (
        ["class", *given, "--assignment", "a", "--evidence-dir", "kept"],
        ["snapshot", *given, "--ledger", "ledger.jsonl"],
        ["check", str(source), *named],
        ["judge", "e.json", *named],
        ["gradebook", *given, "--evidence-dir", "kept"],
    ):
        assert main(command) == 2
        assert "roster.csv:1: the column aa is no assignment; did you mean a?" in capsys.readouterr().err


def test_whose_work_it_is_is_compared_and_told_to_the_instructor_alone() -> None:
    due = assignment.load(assignment.find("demo"))
    member = Member("AAA111", "https://github.com/a/b", partners=("BBB222",))

    def judged(said: str, listed: tuple[str, ...]) -> Verdict:
        evidence = Evidence(
            grader="",
            assignment="demo",
            url=member.url,
            student=said,
            commit=None,
            measurements={},
            listed=listed,
        )
        return engine.judge(due, evidence)

    for same in (judged("aaa111", member.listed), judged("BBB222", member.listed), judged("", member.listed)):
        assert same.for_instructor == ()
    assert judged("ZZZ999", ()).for_instructor == ()  # nobody has a roster
    other = judged("ZZZ999", member.listed)
    told = "the submission names ZZZ999 as its student, the roster has its address for AAA111 and BBB222"
    assert [each.message for each in other.for_instructor] == [told]
    assert audience.needs_a_look(Line(member, due, other))[0] == told
    assert told in " ".join(terminal.text(other, terminal.Style(width=200)).split())
    assert other.outcome is judged("AAA111", member.listed).outcome
    for_student = audience.for_student(other, "AAA111")
    assert "ZZZ999" not in terminal.text(for_student, terminal.Style()) + repr(for_student)
