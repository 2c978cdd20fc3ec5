"""Reports of Kahoot in each layout, nicknames, and the evidence that comes of them."""

import csv
import json
import random
from pathlib import Path

import pytest

from grader.cli import main
from grader.course.quizzes import kahoot_answers, kahoot_report, nicknames
from grader.course.quizzes.nicknames import Match
from grader.ground.errors import GraderError
from tests import quiz_example as example
from tests.course.quizzes import kahoot_reports
from tests.course.quizzes.kahoot_reports import BOUNDED, GATE, GATES, RAW
from tests.repository.building import commit

PLAYED = {
    "ABC123": [(GATE, "the forget gate", True, 950), (GATES, "input, forget, output", True, 800)],
    "anna_def456": [(GATE, "the input gate", False, 0), (GATES, "input, forget", False, 0)],
    "\u202eevil": [(GATE, "", False, 0), (GATES, "", False, 0)],
}
NEWER = tuple(
    {"Question Number": "Quiz Question Number", "Answer": "Player Answer"}.get(name, name) for name in RAW
)


def short(report: kahoot_report.Report) -> list[tuple[str, str, str, bool, float]]:
    return [(row.player, row.question, row.answer, row.correct, row.points) for row in report.rows]


ROWS = [
    (player, question, answer, right, float(points))
    for player, answers in PLAYED.items()
    for question, answer, right, points in answers
]


@pytest.mark.parametrize(
    "sheets",
    [
        {"Overview": kahoot_reports.overview(), "RawReportData Data": kahoot_reports.raw(PLAYED)},
        {"RawReportData Data": kahoot_reports.raw(PLAYED, NEWER)},
        {
            "Overview": kahoot_reports.overview(),
            "RawReportData": kahoot_reports.raw(PLAYED, RAW, as_text=True),
        },
        {"rawreportdata": [["a title"], [], *kahoot_reports.raw(PLAYED, RAW[1:2] + RAW[8:11] + RAW[13:14])]},
        {"Final Scores": kahoot_reports.final(PLAYED), "Kahoot! Summary": kahoot_reports.summary(PLAYED)},
    ],
    ids=["older", "newer names", "numbers as text", "other columns", "summary"],
)
def test_every_layout_gives_the_same_rows(tmp_path: Path, sheets: dict[str, list[list[object]]]) -> None:
    report = kahoot_report.read(kahoot_reports.write(tmp_path / "r.xlsx", sheets))
    assert short(report) == ROWS
    assert report.played == ("25 Oct 2022" if "Overview" in sheets else "")


def test_a_short_report_has_totals(tmp_path: Path) -> None:
    for name in ("Final Scores", "FinalScores"):
        report = kahoot_report.read(
            kahoot_reports.write(tmp_path / "r.xlsx", {name: kahoot_reports.final(PLAYED)})
        )
        assert [(each.player, each.correct, each.questions, each.points) for each in report.totals] == [
            ("ABC123", 2, 2, 1750),
            ("anna_def456", 0, 2, 0),
            ("\u202eevil", 0, 2, 0),
        ]


def test_an_unknown_layout_is_shown(tmp_path: Path) -> None:
    path = kahoot_reports.write(tmp_path / "r.xlsx", {"Players": [["Username", "Score"], ["ada", 3]]})
    with pytest.raises(GraderError, match=r"no layout of Kahoot.*'Players' \(Username, Score\)"):
        kahoot_report.read(path)
    for other in (path, tmp_path / "report.csv"):
        other.write_text("no spreadsheet")
        with pytest.raises(GraderError, match="is no spreadsheet"):
            kahoot_report.read(other)


def test_a_report_that_is_small_only_while_it_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = [PLAYED["ABC123"][0]] * 500
    path = kahoot_reports.write(
        tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw({"ABC123": again})}
    )
    monkeypatch.setattr(kahoot_report, "LARGEST", 2 * path.stat().st_size)
    with pytest.raises(GraderError, match="no report of Kahoot"):
        kahoot_report.read(path)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1 250", 1250), ("1,250", 1250), ("0,5", 0.5), ("967", 967), (3, 3), (None, 0), ("-", 0)],
)
def test_numbers_as_people_write_them(tmp_path: Path, cell: object, number: float) -> None:
    lines = [RAW[1:2] + RAW[8:10] + RAW[13:14], [GATE, "ABC123", "x", cell]]
    path = kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": lines})
    assert kahoot_report.read(path).rows[0].points == number


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Input", ["inp"]),
        ("input, forget", ["inp", "fgt"]),
        ("forget,input , output", ["inp", "fgt", "out"]),
        ("reset", []),
        ("input, reset", []),
    ],
)
def test_answers_become_choices(answer: str, found: list[str]) -> None:
    gates = example.quiz().questions[1]
    assert isinstance(gates, kahoot_answers.Multiple)
    assert sorted(kahoot_answers.choices(answer, gates)) == sorted(found)


ROSTER = ("ABC123", "DEF456", "GHI789", "O0O0O1")


@pytest.mark.parametrize(
    ("nick", "tier", "students"),
    [
        ("ABC123", "exact", ("ABC123",)),
        (" abc-123 ", "exact", ("ABC123",)),
        ("\u0410\u0412\u0421123", "exact", ("ABC123",)),  # Cyrillic letters
        ("\uff21\uff22\uff23\uff11\uff12\uff13", "exact", ("ABC123",)),  # full width
        ("abc\u200b123", "exact", ("ABC123",)),
        ("anna_abc123", "token", ("ABC123",)),
        ("abc123 def456", "several", ("ABC123", "DEF456")),
        ("ABCI23", "look-alike", ("ABC123",)),
        ("0OOOOI", "look-alike", ("O0O0O1",)),
        ("ABC124", "edit", ("ABC123",)),
        ("ACB123", "edit", ("ABC123",)),
        ("ABC12", "edit", ("ABC123",)),
        ("XABC123", "edit", ("ABC123",)),
        ("anna", "none", ()),
        ("", "none", ()),
        ("\u05d0\u05d1", "none", ()),
    ],
)
def test_tiers(nick: str, tier: str, students: tuple[str, ...]) -> None:
    assert nicknames.match([nick], ROSTER) == (Match(nick, tier, students),)  # type: ignore[arg-type]


def test_who_is_there_is_not_looked_for_by_likeness() -> None:
    there, alike = nicknames.match(["ABC123", "ABCI23"], ROSTER)
    assert (there.student, alike.tier, alike.student) == ("ABC123", "edit", "")
    one, other = nicknames.match(["ABCI23", "ABCL23"], ROSTER)
    assert (one.student, other.student) == ("", "")


def test_a_person_decides() -> None:
    decided = {"anna": "ABC123", "ABC123": ""}
    assert [each.student for each in nicknames.match(["anna", "ABC123"], ROSTER, decided)] == ["ABC123", ""]


def damaged(code: str, dice: random.Random) -> str:
    """As people type their own code on a telephone."""
    place = dice.randrange(len(code))
    return dice.choice(
        [
            code.lower(),
            f"{dice.choice(['anna', 'Bence', 'x'])}_{code}",
            code.replace("0", "O").replace("1", "I"),
            code[:place] + code[place + 1 :],
            code[:place] + dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") + code[place + 1 :],
            code[:place] + code[place : place + 2][::-1] + code[place + 2 :],
            f"{code[:3]} {code[3:]}",
            dice.choice(["King", "the_best", "\U0001f600", "LSTM"]),
        ]
    )


def test_no_rule_takes_a_student_for_another() -> None:
    """60 rosters of 200 codes, two fifths of the nicknames damaged, 20 outsiders each."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    wrong = certain = alike = 0
    for seed in range(60):
        dice = random.Random(seed)
        codes = sorted({"".join(dice.choices(letters, k=6)) for _ in range(220)})
        dice.shuffle(codes)
        roster, outsiders = codes[:200], codes[200:220]
        nicks = {damaged(code, dice) if dice.random() < 0.4 else code: code for code in roster}
        nicks |= {code: "" for code in outsiders}
        for match in nicknames.match(list(nicks), roster):
            if match.student:
                wrong += match.student != nicks[match.nick]
                certain += match.tier != "look-alike"
                alike += match.tier == "look-alike"
    assert wrong == 0
    assert certain > 60 * 140 and alike > 60


def course(folder: Path) -> list[str]:
    example.write(folder / "trial")
    with (folder / "trial/assignment.toml").open("a") as file:
        file.write('\n[checks.deadline]\nat = "2022-10-25 12:00"\nzone = "Europe/Budapest"\n')
    (folder / "roster.csv").write_text(
        "student,url,name\n" + "".join(f"{code},{folder}/{code},\n" for code in ROSTER)
    )
    return [
        "quiz",
        "kahoot",
        str(folder / "r.xlsx"),
        "--roster",
        str(folder / "roster.csv"),
        "--quiz",
        str(folder / "trial"),
        "--evidence-dir",
        str(folder / "evidence"),
    ]


def points(folder: Path, student: str, capsys: pytest.CaptureFixture[str]) -> str:
    (path,) = (folder / "evidence/trial").glob(f"{student}-*.json")
    capsys.readouterr()
    main(["judge", str(path), "--exit-zero"])
    return capsys.readouterr().out.splitlines()[1].split("  ")[1]


def test_from_a_report_to_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two questions were played, worth 1 and 2 of the 10 points: they are all there are to earn."""
    command = course(tmp_path)
    played = {
        "ABC123": PLAYED["ABC123"],
        "DEF456": [(GATE, "the input gate", False, 0), (GATES, "input, forget", False, 0)],
        "GHI78": [(GATE, "the forget gate", True, 990), (GATES, "", False, 0)],
        "visitor": [(GATE, "the forget gate", True, 990), (GATES, "", False, 0)],
    }
    sheets = {"Overview": kahoot_reports.overview(), "RawReportData Data": kahoot_reports.raw(played)}
    kahoot_reports.write(tmp_path / "r.xlsx", sheets)
    assert main(command) == 4
    told = capsys.readouterr().out
    assert told.startswith("4 players: 2 students, 2 to decide, 0 who answered twice, 2 absent;")
    assert points(tmp_path, "ABC123", capsys) == "10/10 points"
    # No point for the gate; two of three gates, none wrong, of 2 points: 4/3 of 3.
    assert points(tmp_path, "DEF456", capsys) == "4.44/10 points"
    review = (tmp_path / "evidence/trial/review.toml").read_text()
    assert "'GHI78' is one slip away from a code:\n#   GHI789, who did not play otherwise" in review
    assert "'visitor' is like no code:" in review and "# Absent: 2 of 4" in review


def test_a_class_run_keeps_what_was_answered_in_class(tmp_path: Path) -> None:
    """Who played is not looked for in a repository; who was absent may hand in a notebook instead."""
    command = course(tmp_path)
    played = {"ABC123": PLAYED["ABC123"]}
    kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
    book = json.dumps(example.answered({"count": "128"}))
    commit(tmp_path / "DEF456", {"quizzes/trial.ipynb": book}, "2022-10-24T12:00:00+0200")
    commit(tmp_path / "ABC123", {"quizzes/trial.ipynb": book}, "2022-10-24T12:00:00+0200")
    assert main(command) == 0
    again = ["--assignment", str(tmp_path / "trial"), "--evidence-dir", str(tmp_path / "evidence")]
    assert main(["class", str(tmp_path / "roster.csv"), *again]) == 4
    rows = csv.DictReader((tmp_path / "evidence/trial/gradebook.csv").open(newline="", encoding="utf-8-sig"))
    assert [(row["student"], row["points"]) for row in rows][:3] == [
        ("ABC123", "10"),
        ("DEF456", "1"),
        ("GHI789", ""),
    ]


def test_a_person_decides_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = course(tmp_path)
    played = {
        "GHI78": PLAYED["ABC123"],
        "guest\U0001f600\u202e": PLAYED["anna_def456"],
        "ABCI23": PLAYED["ABC123"],
    }
    kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
    assert main(command) == 4
    assert points(tmp_path, "ABC123", capsys) == "0-10/10 points"  # by likeness alone
    review = (tmp_path / "evidence/trial/review.toml").read_text()
    tables = "".join(
        f"{line.removeprefix('# ')}\n" for line in review.splitlines() if " = " in line or "[[" in line
    )
    aliases = tmp_path / "aliases.toml"
    aliases.write_text(tables.replace('by = "?"', 'by = "Ada"'))
    assert main(command) == 0
    decided = aliases.read_text()
    assert points(tmp_path, "GHI789", capsys) == points(tmp_path, "ABC123", capsys) == "10/10 points"
    before = {path.name: path.read_bytes() for path in (tmp_path / "evidence/trial").iterdir()}
    assert main(command) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "evidence/trial").iterdir()} == before
    assert aliases.read_text() == decided


def test_who_joined_again_is_put_together_by_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = course(tmp_path)
    first, second = PLAYED["ABC123"]
    other = (GATE, "the input gate", False, 0)
    for again, expected in (([second], "10/10"), ([second, other], "6.67-10/10")):
        played = {"ABC123": [first], "me ABC123": again}
        kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
        assert main(command) == (0 if len(again) == 1 else 4)
        assert points(tmp_path, "ABC123", capsys) == f"{expected} points"
    assert (
        "ABC123 played as ABC123, me ABC123, and answered twice: forget-gate"
        in (tmp_path / "evidence/trial/review.toml").read_text()
    )


def test_a_report_of_another_quiz_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = course(tmp_path)
    played = {"ABC123": [("What is the capital of Hungary?", "Budapest", True, 900)]}
    kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
    assert main(command) == 2
    assert "is of another quiz than trial: none of its questions" in capsys.readouterr().err


def test_other_words_count_as_kahoot_counted_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = course(tmp_path)
    played = {"ABC123": [(GATE, "the gate that forgets", True, 900), (BOUNDED, "tanh, sigmoid", True, 900)]}
    kahoot_reports.write(tmp_path / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
    assert main(command) == 0
    assert points(tmp_path, "ABC123", capsys) == "10/10 points"
    (saved,) = (tmp_path / "evidence/trial").glob("ABC123-*.json")
    given = json.loads(saved.read_text())["measurements"]["quiz"]["data"]["given"]
    assert given["exactly"][0]["value"] == ["tanh", "sig"]
