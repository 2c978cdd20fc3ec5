"""An instructor's week with a class of every kind of repository, by commands; a class killed and resumed."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.cli import main
from tests.course import sixty
from tests.course.sixty import class_command
from tests.repository.building import commit


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    sixty.build(folder, ordinary=6)
    return folder


def rows(folder: Path, into: str = "course") -> dict[str, dict[str, str]]:
    with (folder / into / "small" / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_week(built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(built / "cache"))
    course, rubric = built / "course", built / "small.toml"
    measure = [*class_command(built, "course"), "--static"]
    kept = ["--evidence-dir", str(course)]
    decide = ["--assignment", str(rubric), *kept, "--by", "Dr. B", "--because"]

    # Monday: the class. 52 has no repository; 50 and 53 have nothing in time; 59 has no README.
    assert main([*measure, "--pages", str(built / "pages")]) == 4
    assert "12 inconclusive, 3 failed, 1 not measured" in capsys.readouterr().out
    found = rows(built)
    assert (found["AB00CD"]["points"], found["AB00CD"]["at most"]) == ("20", "30"), (
        "no report, read statically"
    )
    assert found["AB51CD"]["outcome"] == "inconclusive", "late, with an extension in the roster"
    assert found["AB56CD"]["points"] == found["AB57CD"]["points"] == "20"
    assert found["AB58CD"]["name"].startswith("'=HYPERLINK") and "\x1b" not in found["AB58CD"]["name"]
    first = contents(course)
    index = (built / "pages" / "index.html").read_text()
    assert "Look here first" in index and "<script>alert" not in index and "nearly passed" in index

    # Nothing is new: nothing is measured, and every byte stays.
    assert main(measure) == 4
    assert contents(course) == first

    # Tuesday: an extension, an open check decided, an outcome overruled, an excuse. The network is down.
    assert main(["decide", "AB50CD", "--extend", "2020-11-13 23:59", *decide, "ill"]) == 0
    assert main(["decide", "AB00CD", "document", "--points", "8", *decide, "I read it"]) == 0
    assert main(["decide", "AB59CD", "readme", "--outcome", "passed", *decide, "it is in the wiki"]) == 0
    assert main(["decide", "AB52CD", "--excuse", *decide, "abroad"]) == 0
    assert main(["decide", "AB00CD", "documents", "--points", "8", *decide, "I read it"]) == 2
    capsys.readouterr()
    book = ["gradebook", str(built / "roster.csv"), *kept, "--assignment", str(rubric)]
    hidden = {path: path.rename(path.with_suffix(".away")) for path in built.glob("repository-*")}
    assert main([*book, "-o", str(built / "offline.csv")]) == 0
    with (built / "offline.csv").open(newline="") as file:
        offline = {row["student"]: row for row in csv.DictReader(file)}
    assert (offline["AB00CD"]["outcome"], offline["AB00CD"]["points"]) == ("passed", "28")
    assert offline["AB52CD"]["outcome"] == "excused"
    assert offline["AB59CD"]["readme"] == "passed" and "wiki" in offline["AB59CD"]["decided"]

    # A class run without network takes nothing away.
    assert main(measure) == 0
    assert rows(built)["AB00CD"]["points"] == "28" and rows(built)["AB00CD"]["trouble"]

    # A rule changes; all are judged again offline.
    rubric.write_text(sixty.RUBRIC.replace("words = 4", "words = 400"))
    assert main([*book, "-o", str(built / "stricter.csv")]) == 0
    with (built / "stricter.csv").open(newline="") as file:
        assert {row["readme"] for row in csv.DictReader(file)} == {"failed", "passed", ""}
    rubric.write_text(sixty.RUBRIC)
    for path, away in hidden.items():
        away.rename(path)

    # Wednesday: the network is back; the extension brings the late commit in; a push makes a decision old.
    commit(built / "repository-00", {"README.md": "# Birds\n\nNow we listen to all of them.\n"})
    assert main(measure) == 0
    found = rows(built)
    assert (found["AB50CD"]["readme"], found["AB50CD"]["points"]) == ("passed", "20")
    assert "TO BE LOOKED AT AGAIN" in found["AB00CD"]["decided"]
    assert (found["AB00CD"]["points"], found["AB00CD"]["at most"]) == ("20", "30")

    # Thursday: feedback, twice; the second time nothing changes.
    send = [
        "send",
        str(built / "roster.csv"),
        *kept,
        "--assignment",
        str(rubric),
        "--to",
        str(built / "feedback"),
    ]
    assert main(send) == 0
    assert not (built / "feedback").exists(), "nothing leaves without --really"
    assert main([*send, "--really"]) == 0
    sent = contents(built / "feedback")
    capsys.readouterr()
    assert main([*send, "--really"]) == 0
    assert (
        capsys.readouterr().out.count("unchanged") == len(sent) == 15 and contents(built / "feedback") == sent
    )

    # Friday: an appeal, measured beside what is kept.
    mended = commit(built / "mended", {"README.md": "# Birds\n\nWe listen to birds, at last.\n"}, sixty.LATE)
    (kept_59,) = (course / "small").glob("AB59CD-*.json")
    new = built / "mended.json"
    check = ["check", str(mended), "--assignment", str(rubric), "--deadline", "2020-11-12 23:59", "--static"]
    assert main([*check, "--evidence", str(new)]) == 4
    before = kept_59.read_bytes()
    capsys.readouterr()
    assert main(["appeal", str(kept_59), str(new), "--assignment", str(rubric)]) == 0
    told = capsys.readouterr().out
    assert "- error: there is no README" in told
    assert "→ failed 0/30" in told and "were it taken, with decide --commit: inconclusive 20-30/30" in told
    assert kept_59.read_bytes() == before


def test_killed_at_any_moment_and_resumed_it_is_the_same_gradebook(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when so many students were complete; what was complete is not measured a second time."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(built / "cache"))
    small = built / "killed" / "small"
    everybody = (built / "roster.csv").read_text().splitlines()
    (built / "some.csv").write_text("\n".join(line for line in everybody if line[:4] not in ("AB52", "AB53")))
    again = [*class_command(built, "killed", "some.csv"), "--static", "-j", "2"]
    ended = set()
    for complete in (1, 4, 9):
        process = subprocess.Popen([sys.executable, "-m", "grader", *again],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        while len(list(small.glob("*.json"))) < complete and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        ended.add(process.wait())
        kept = {path: path.read_bytes() for path in small.glob("*.json")}
    assert len(kept) >= 9
    assert -signal.SIGKILL in ended, "some run was killed before its end"
    main(again)
    main([*class_command(built, "whole", "some.csv"), "--static", "-j", "2"])
    assert all(path.read_bytes() == content for path, content in kept.items())
    books = [(built / into / "small" / "gradebook.csv").read_bytes() for into in ("killed", "whole")]
    assert books[0] == books[1]
