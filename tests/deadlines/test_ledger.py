"""The ledger: rows that are only added, whoever writes at the same time and whatever breaks."""

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import deadlines, repository
from grader.deadlines import Policy, Status, Subject
from grader.ground.errors import GraderError
from grader.intake.clocks import ledger
from grader.intake.clocks.ledger import Ledger, rows, snapshot
from grader.intake.clocks.ledger.rows import Row
from grader.intake.clocks.ledger.snapshot import Observer
from grader.repository import address
from tests.repository.building import C, bare, git, history, point

URL = "https://github.com/ada/hw4"


def look(number: int) -> Row:
    return Row(asked=number, answered=number + 1, url=URL, head="main", refs={"main": f"{number:040x}"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    for number in range(1, 6):
        ledger.append(path, (look(number),))
    return path


def test_a_sound_ledger(path: Path) -> None:
    chain = ledger.read(path)
    assert [row.seq for row in chain.rows] == [1, 2, 3, 4, 5]
    assert chain.seal == f"5:{chain.rows[-1].hash}"
    assert ledger.verify(path) == f"ledger.jsonl: 5 rows, all sound. Its seal is {chain.seal}"
    assert "5 rows" in ledger.verify(path, f"3:{chain.rows[2].hash}")


def changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1], lines[2].replace(b'"asked":3', b'"asked":9'), *lines[3:]]


def resealed(lines: list[bytes]) -> list[bytes]:
    """A changed row with a seal that fits, as somebody would make it who knows how."""
    row = rows.parse(lines[2])
    assert row is not None
    return [*lines[:2], rows.line(rows.seal(look(99), 3, row.prev)).strip(), *lines[3:]]


ATTACKS: tuple[tuple[str, Callable[[list[bytes]], list[bytes]], str], ...] = (
    ("changed", changed, "row 3 was changed"),
    (
        "changed and sealed again",
        resealed,
        "row 4 does not follow the row before: it was sealed after another",
    ),
    (
        "missing",
        lambda lines: lines[:2] + lines[3:],
        "row 3 does not follow the row before: number 4 stands here",
    ),
    ("missing first", lambda lines: lines[1:], "row 1 does not follow the row before: number 2 stands here"),
    ("reordered", lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "row 2 does not follow"),
    ("repeated", lambda lines: [*lines[:3], lines[2], *lines[3:]], "row 4 does not follow"),
    ("no row", lambda lines: [*lines[:3], b"hello", *lines[3:]], "row 4 was changed"),
    ("an empty line", lambda lines: [*lines[:3], b"", *lines[3:]], "row 4 was changed"),
    ("a further key", lambda lines: [*lines[:4], lines[4][:-1] + b',"note":1}'], "row 5 was changed"),
    ("spaces", lambda lines: [*lines[:4], lines[4].replace(b'"seq":5', b'"seq": 6')], "row 5 was changed"),
)


@pytest.mark.parametrize(
    ("attack", "words"), [each[1:] for each in ATTACKS], ids=[each[0] for each in ATTACKS]
)
def test_an_attacked_ledger_is_refused_with_the_rows_number(
    path: Path, attack: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(attack(lines)) + b"\n")
    with pytest.raises(GraderError) as refused:
        ledger.verify(path)
    assert words in str(refused.value)


def test_rows_that_were_cut_off_are_found_by_the_noted_seal(path: Path) -> None:
    seal = ledger.read(path).seal
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    assert "4 rows" in ledger.verify(path)
    with pytest.raises(GraderError, match="row 5 is missing or another one than was noted"):
        ledger.verify(path, seal)


def test_a_changed_last_row_is_not_continued(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"asked":5', b'"asked":6'))
    with pytest.raises(GraderError, match="its last row was changed"):
        ledger.append(path, (look(6),))


@pytest.mark.parametrize("length", [0, 1, 40, -2, -1])
def test_a_crash_in_the_middle_of_a_row_is_recovered(path: Path, length: int) -> None:
    whole = path.read_bytes()
    ledger.append(path, (look(6),))
    sixth = path.read_bytes()[len(whole) :]
    torn = sixth[:length] if length else b""
    path.write_bytes(whole + torn)
    assert ledger.read(path).torn == bool(torn)
    ledger.append(path, (look(7),))
    kept = ledger.read(path)
    # A row that lacks only its end was written; any other was not, and is set aside.
    assert [row.asked for row in kept.rows] == ([1, 2, 3, 4, 5, 6, 7] if length == -1 else [1, 2, 3, 4, 5, 7])
    assert path.with_name("ledger.jsonl.torn").exists() == (length in (1, 40, -2))


def test_a_writer_that_is_killed_loses_nothing_that_was_there(path: Path) -> None:
    writer = (
        "import sys\nfrom pathlib import Path\n"
        "from grader.intake.clocks import ledger\nfrom grader.intake.clocks.ledger.rows import Row\n"
        "row = Row(asked=1, answered=1, url='x' * 3000)\n"
        "while True: ledger.append(Path(sys.argv[1]), (row,) * 20)"
    )
    process = subprocess.Popen([sys.executable, "-c", writer, str(path)], cwd=Path(__file__).parents[2])
    until = time.monotonic() + 120
    try:
        while path.stat().st_size < 200_000:
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    ledger.append(path, (look(6),))
    found = ledger.read(path)
    assert not found.torn
    assert [row.asked for row in found.rows[:5]] == [1, 2, 3, 4, 5]
    assert found.rows[-1].refs == look(6).refs


def append_many(path: Path, observer: int) -> None:
    for number in range(100):
        ledger.append(path, (look(1000 * observer + number),))


def test_two_observers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    context = multiprocessing.get_context("fork")
    observers = [context.Process(target=append_many, args=(path, number)) for number in (1, 2)]
    for observer in observers:
        observer.start()
    for observer in observers:
        observer.join()
    asked = [row.asked for row in ledger.read(path).rows]
    assert sorted(asked) == sorted(1000 * observer + number for observer in (1, 2) for number in range(100))


def test_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="the ledger cannot be read: No such file"):
        ledger.verify(tmp_path / "ledger.jsonl")
    with pytest.raises(GraderError, match="cannot be written"):
        ledger.append(tmp_path, (look(1),))


@pytest.mark.parametrize(
    "written",
    ["https://github.com/ada/hw4", "https://github.com/ada/hw4.git", "https://GitHub.com/ada/hw4/",
     "git@github.com:ada/hw4.git", "ssh://git@github.com/ada/hw4", "https://ada:token@github.com/ada/hw4",
     "https://github.com//ada/./hw4", "https://github.com/ada/hw%34%2Egit", "https://github.com/Ada/HW4.GIT",
     "https://www.github.com/ada/hw4", "Https://github.com./ada/hw4.git/", "ssh://git@github.com:22/ada/hw4",
     "<https://github.com/ada/hw4>", "git clone git@github.com:ada/hw4", "'https://github.com/ada/hw4'",
     "git@github.com:/Ada//hw4", "https://github.com/x/../ada/hw4/.git"],
)  # fmt: skip
def test_spellings_of_one_address(written: str) -> None:
    assert address.key(written) == "github.com/ada/hw4"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://github.com/ada/hw4", "https://github.com/ada/hw5"),
        ("https://git.example.edu/ada/hw4", "https://git.example.edu/Ada/hw4"),  # nobody knows that it folds
        ("/srv/ada", "/srv/Ada"),
        ("/srv/ada%2Egit", "/srv/ada.git"),  # a path is no address: git takes it literally
        ("https://[ada", "https://[bob"),
    ],
)
def test_other_repositories_keep_their_own_keys(one: str, other: str) -> None:
    assert address.key(one) != address.key(other)


@pytest.mark.parametrize(
    "written", ["File:///srv/hw4", "<file:///srv/hw4>", "git clone file:///srv/hw4", '"FILE:///srv/hw4"']
)
def test_an_address_as_people_paste_it_is_given_to_git_as_git_writes_it(written: str) -> None:
    assert address.parse(written, ("file",)) == address.Address("file:///srv/hw4", "file:///srv/hw4", "file")


def test_an_address_without_a_protocol_says_so() -> None:
    with pytest.raises(GraderError, match="see https://x.org/y: it begins with no protocol"):
        address.parse("see https://x.org/y", ("https",))


def test_folders_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spellings = (
        "r.git",
        "./r",
        f"{tmp_path}//r.git/",
        f"file://{tmp_path}//r.git",
        f"file://{tmp_path}/r%2Egit",
    )
    assert {address.key(each) for each in spellings} == {f"{tmp_path}/r"}
    assert address.located("https://gitlab.com/Group/HW4.git") == "gitlab.com/Group/HW4"


def test_the_same_work_at_another_address_is_told(tmp_path: Path) -> None:
    """What only one other address had is told by its row; what many had is where a course starts."""
    path = tmp_path / "ledger.jsonl"
    start, work, own = "1" * 40, "2" * 40, "3" * 40
    seen = [("ada/hw4", start), ("bob/hw4", start), ("eve/hw4", start), ("ada/hw4", work)]
    looks = [
        Row(asked=n, answered=n, url=f"https://github.com/{who}", refs={"main": sha})
        for n, (who, sha) in enumerate(seen)
    ]
    ledger.append(path, looks)

    def told(*commits: str) -> str:
        subject = Subject("https://github.com/zoe/moved", "main", commits)
        return " ".join(Ledger(ledger.read(path)).gather(subject).troubles)

    assert told(own, start) == ""
    assert "saw commit 2222222 of this history at another address (row 4, 1970-01-01T00:00:03Z)" in told(
        work, start
    )
    assert Ledger(ledger.read(path)).gather(Subject("git@github.com:Ada/hw4", "main", (work,))).troubles == ()


def test_looks_without_an_answer_belong_to_their_repository(tmp_path: Path) -> None:
    path, nowhere = tmp_path / "ledger.jsonl", str(tmp_path / "nothing.git")
    snapshot.snapshot([nowhere], path, Observer(tmp_path / "kept", allow=("file",)), [].append)
    found = Ledger(ledger.read(path)).gather(Subject(nowhere, "main"))
    assert found.troubles == ("The ledger's observer got no answer 1 times.",)


def test_the_whole_way_from_snapshots_to_a_verdict(tmp_path: Path) -> None:
    """A student pushes, the observer looks, the student rewrites history after the deadline."""
    source, path, keep = bare(tmp_path / "student.git"), tmp_path / "ledger.jsonl", tmp_path / "kept"
    ids = history(source, [C("a"), C("b")])
    observer = Observer(keep, allow=("file",))
    seen: list[Row] = []
    seal = snapshot.snapshot([str(source), f"{tmp_path}/nothing"], path, observer, seen.append)
    assert ledger.verify(path, seal)
    assert [bool(row.trouble) for row in seen] == [False, True]
    assert "there is no repository" in seen[1].trouble

    deadline = deadlines.instant(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)), "UTC")

    def judge(number: int) -> deadlines.Ruling:
        fetched = repository.fetch(str(source), tmp_path / f"fetched{number}", allow=("file",))
        fetched = fetched.with_kept(snapshot.store(keep, str(source)))
        found = fetched.history()
        gathered = deadlines.gather([Ledger(ledger.read(path))], Subject(str(source), found.branch))
        line = deadlines.timeline(found, [deadline.last], int(time.time()), gathered)
        ruling = deadlines.decide(line, deadline, Policy())
        if ruling.kept:
            assert fetched.tree(ruling.kept.sha).read("README.md") == b"a student's work\n"
            assert "if it was kept, it can be graded instead" in " ".join(deadlines.sentences(line, ruling))
        return ruling

    assert (judge(1).status, judge(2).graded) == (Status.PROVEN_IN_TIME, ids["b"])
    rewritten = history(source, [C("a"), C("c", subject="another")])
    git(source, "reflog", "expire", "--expire=now", "--all")
    git(source, "gc", "--quiet", "--prune=now")
    ruling = judge(3)
    assert (ruling.status, ruling.graded) == (Status.HISTORY_REWRITTEN, rewritten["c"])
    assert ruling.kept is not None and ruling.kept.sha == ids["b"]
    assert ruling.proven == ids["a"]


def test_an_unchanged_repository_is_not_fetched_again_and_two_observers_share_a_store(tmp_path: Path) -> None:
    source, path, keep = bare(tmp_path / "student.git"), tmp_path / "ledger.jsonl", tmp_path / "kept"
    ids = history(source, [C("a")])
    observer = Observer(keep, allow=("file",))
    snapshot.snapshot([str(source)] * 8, path, observer, [].append)
    found = ledger.read(path).rows
    assert [(row.refs, row.lost, row.trouble) for row in found] == [({"main": ids["a"]}, "", "")] * 8
    packs = list((snapshot.store(keep, str(source)) / "objects/pack").glob("*.pack"))
    assert len(packs) == 1
    point(source, "refs/heads/main", history(source, [C("a"), C("b")])["b"])
    snapshot.snapshot([str(source)], path, observer, [].append)
    assert (snapshot.store(keep, str(source)) / "refs/kept" / ids["a"]).exists()


def test_a_branch_that_becomes_a_folder_of_branches(tmp_path: Path) -> None:
    source, path = bare(tmp_path / "student.git"), tmp_path / "ledger.jsonl"
    observer = Observer(tmp_path / "kept", allow=("file",))
    first = history(source, [C("a")], "work")["a"]
    snapshot.snapshot([str(source)], path, observer, [].append)
    (source / "refs/heads/work").unlink()
    second = history(source, [C("a"), C("b")], "work/one")["b"]
    snapshot.snapshot([str(source)], path, observer, [].append)
    row = ledger.read(path).rows[-1]
    assert (row.refs, row.lost) == ({"work/one": second}, "")
    kept = snapshot.store(tmp_path / "kept", str(source)) / "refs/kept"
    assert {file.name for file in kept.iterdir()} == {first, second}
