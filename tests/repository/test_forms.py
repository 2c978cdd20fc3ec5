"""Repositories in odd forms: what git itself offers to hide, shorten or rearrange a history."""

import hashlib
from pathlib import Path

import pytest
from msgspec import structs

from grader import assignment, deadlines, engine, intake, repository
from grader.deadlines import History, Policy, Status
from grader.ground.errors import GraderError, SubmissionError
from grader.ground.verdict import Outcome
from grader.intake import Request
from grader.submission import Surroundings
from tests import work
from tests.repository.building import (
    ENVIRONMENT,
    C,
    bare,
    blob,
    commit_object,
    files,
    git,
    history,
    point,
    tree,
)

EARLY, LATE = "2020-11-09T18:00:00+01:00", "2020-11-11T00:30:00+01:00"
IN_TIME = "2020-11-10T20:00:00+01:00"
DEADLINE = deadlines.instant("2020-11-10 23:59", "Europe/Budapest")


def read(source: Path, tmp_path: Path, branch: str | None = None) -> History:
    return repository.fetch(str(source), tmp_path / "fetched", allow=("file",)).history(branch)


def chosen(found: History) -> str:
    return deadlines.choose(deadlines.timeline(found, [DEADLINE.last], 0), DEADLINE.last).sha


def told(found: History) -> str:
    line = deadlines.timeline(found, [DEADLINE.last], 0)
    ruling = deadlines.decide(line, DEADLINE, Policy())
    assert ruling.graded or ruling.status == Status.NOTHING_BEFORE_DEADLINE
    return " ".join(deadlines.sentences(line, ruling))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return bare(tmp_path / "source.git")


def test_empty(source: Path, tmp_path: Path) -> None:
    assert "The repository is empty: nothing was pushed yet." in told(read(source, tmp_path))


def test_a_default_branch_that_was_never_born(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY)], "work")
    found = read(source, tmp_path)
    assert chosen(found) == ids["a"]
    assert (
        "The branch is work, as the default branch main does not exist, and work is the only branch."
        in told(found)
        or "no default branch is named" in told(found)
    )


def test_a_deleted_default_branch_beside_two_others(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY)], "one")
    point(source, "refs/heads/two", ids["a"])
    found = read(source, tmp_path)
    assert chosen(found) == ""
    assert "there are: one, two. Name the branch that counts." in told(found)
    assert chosen(read(source, tmp_path / "again", "two")) == ids["a"]


def test_a_branch_that_does_not_exist(source: Path, tmp_path: Path) -> None:
    history(source, [C("a", EARLY)])
    assert "There is no branch work; there are: main." in told(read(source, tmp_path, "work"))


def test_only_tags(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY)])
    point(source, "refs/tags/final", ids["a"])
    (source / "refs/heads/main").unlink()
    found = read(source, tmp_path)
    assert chosen(found) == ""
    assert "There are tags, but no branch." in told(found)


def test_a_tag_and_a_branch_beside_the_one_that_counts_are_listed(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY), C("b", IN_TIME, parents=("a",)), C("c", LATE)], "side")
    point(source, "refs/heads/main", ids["a"])
    point(source, "refs/tags/final", ids["b"])
    found = read(source, tmp_path)
    assert chosen(found) == ids["a"]
    assert "Work on side is not on main and not graded" in told(found)
    assert "Not on main either: tag final." in told(found)


def test_a_detached_head(tmp_path: Path) -> None:
    source = tmp_path / "work"
    source.mkdir()
    git(source, "init", "--quiet", "--initial-branch=main")
    git(source, "commit", "--quiet", "--allow-empty", "--message", "work")
    git(source, "branch", "other")
    git(source, "commit", "--quiet", "--allow-empty", "--message", "more")
    git(source, "checkout", "--quiet", "--detach")
    found = read(source, tmp_path)
    assert (found.branch, found.head) == ("", "")
    assert "No default branch is named; there are: main, other. Name the branch that counts." in told(found)
    git(source, "branch", "--quiet", "--delete", "other")
    found = read(source, tmp_path / "again")
    assert (found.branch, found.head) == ("main", git(source, "rev-parse", "HEAD"))


def test_a_branch_that_nobody_names_is_asked_for(source: Path, tmp_path: Path) -> None:
    """Two branches at one commit, and none of them the default: no check says that anything is missing."""
    ids = history(source, [C("a", EARLY)], "one")
    point(source, "refs/heads/two", ids["a"])
    point(source, "HEAD", "ref: refs/heads/main")
    due = assignment.load(assignment.find("hw4"))
    around = Surroundings(scratch=tmp_path, cache=tmp_path / "cache")
    request = Request(url=str(source), assignment="hw4", static=True)
    verdict = engine.judge(due, intake.collect(request, due, around))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert (verdict.points.min, verdict.points.max) == (0, due.points)
    for each in verdict.results:
        assert each.findings[0].message.startswith("which branch counts is open: ")
        assert each.findings[0].message.endswith("there are: one, two. Name the branch that counts.")
    empty = bare(tmp_path / "empty.git")
    nothing = intake.collect(structs.replace(request, url=str(empty)), due, around)
    assert engine.judge(due, nothing).outcome is Outcome.FAILED


def test_replaced_commits(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY), C("b", LATE)])
    root = git(source, "rev-parse", "main^{tree}")
    stand_in = git(
        source,
        *("hash-object", "-w", "-t", "commit", "--stdin"),
        given=commit_object(root, [ids["a"]], C("b", IN_TIME)),
    )
    point(source, f"refs/replace/{ids['b']}", stand_in)
    assert git(source, "log", "-1", "--format=%ct", "main") == "1605034800"  # git itself shows the stand-in
    assert chosen(read(source, tmp_path)) == ids["a"]


def test_grafts(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY), C("late", LATE), C("c", IN_TIME)])
    (source / "info").mkdir(exist_ok=True)
    (source / "info/grafts").write_text(f"{ids['c']} {ids['a']}\n")
    assert git(source, "rev-list", "--count", "main") == "2"  # git itself no longer shows the late commit
    assert chosen(read(source, tmp_path)) == ids["a"]


def test_a_forged_commit_graph(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY), C("b", LATE)])
    git(source, "commit-graph", "write", "--reachable")
    graph = source / "objects/info/commit-graph"
    graph.chmod(0o644)
    late, early = (1605051000).to_bytes(4, "big"), (1605034800).to_bytes(4, "big")
    content = graph.read_bytes()[:-20]
    assert content.count(late) == 1
    content = content.replace(late, early)
    graph.write_bytes(content + hashlib.sha1(content).digest())
    before = git(source, "log", "--before=1605049199", "--format=%H", "main")
    assert ids["b"] in before.split()  # git itself believes the forged date
    assert chosen(read(source, tmp_path)) == ids["a"]


def test_a_shallow_source(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY), C("b", IN_TIME), C("c", LATE)])
    shallow = tmp_path / "shallow.git"
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=2", f"file://{source}", str(shallow))
    found = read(shallow, tmp_path)
    assert chosen(found) == ids["b"]
    assert found.shallow == (ids["b"],)
    assert "The source holds a shortened history" in told(found)


def in_a_line(folder: Path, commits: int) -> repository.Repository:
    """A history of so many commits, one a minute."""
    source = folder / f"{commits}.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(source))
    stream = "".join(
        f"commit refs/heads/main\ncommitter Ada <ada@example.org> {1_500_000_000 + 60 * number} +0100\n"
        "data 4\nwork\n"
        for number in range(commits)
    )
    git(source, "fast-import", "--quiet", "--date-format=raw", given=stream)
    return repository.fetch(str(source), folder / f"fetched-{commits}", allow=("file",))


def test_a_history_of_six_thousand_commits(tmp_path: Path) -> None:
    found = in_a_line(tmp_path, 6_000).history()
    line = deadlines.timeline(found, [1_500_120_000], 0)
    choice = deadlines.choose(line, 1_500_120_000)
    assert len(found.commits) == line.total == 6_000
    assert found.commits[choice.sha].committed == deadlines.Stamp(1_500_120_000, 60)
    assert len(line.commits) < 1_000  # the evidence stays small
    far_away = deadlines.decide(line, deadlines.instant("2017-07-17 12:00", "UTC"), Policy())
    assert (far_away.known, far_away.effect) == (False, "review")
    assert "collect the submission again" in " ".join(deadlines.sentences(line, far_away))


def test_work_is_linear_in_the_commits(tmp_path: Path) -> None:
    fetched = {commits: in_a_line(tmp_path, commits) for commits in (500, 1_000)}

    def chosen(commits: int) -> None:
        middle = 1_500_000_000 + 30 * commits
        deadlines.choose(deadlines.timeline(fetched[commits].history(), [middle], 0), middle)

    assert work.growth(chosen, 500) < 2.2


def test_a_repository_with_other_object_names(tmp_path: Path) -> None:
    source = tmp_path / "source.git"
    source.mkdir()
    git(source, "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main")
    work = git(source, "commit-tree", "-m", "work", tree(source), environment={"GIT_COMMITTER_DATE": EARLY})
    point(source, "refs/heads/main", work)
    with pytest.raises(GraderError, match="names its objects by SHA-256, which the grader does not read"):
        read(source, tmp_path)


def test_odd_names_of_branches_and_files_are_only_shown(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", EARLY)])
    content = blob(source, b"text")
    odd = tree(
        source,
        [
            ("100644", content, "\x1b[31mred"),
            ("100644", content, "right\u202eleft"),
            ("100644", content, "ok"),
        ],
    )
    work = git(source, "commit-tree", "-p", ids["a"], "-m", "\x1b[2Jsubject", odd)
    point(source, "refs/heads/main", work)
    point(source, "refs/heads/--upload-pack=touch", ids["a"])
    fetched = repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    assert fetched.history().commits[work].subject == "\\x1b[2Jsubject"
    assert "--upload-pack=touch" in fetched.history().branches
    assert set(fetched.tree(work).entries) == {"\\x1b[31mred", "right\\u202eleft", "ok"}


def test_what_git_finds_wrong_with_objects_is_reported_not_refused(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a", raw="abc")])
    fetched = repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    assert fetched.history().head == ids["a"]
    assert any("badDate" in complaint for complaint in fetched.complaints)


def test_the_students_settings_are_not_ours(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = history(source, [C("a", EARLY)])
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[url "{tmp_path}/elsewhere"]\n    insteadOf = {source}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert "GIT_DIR" not in ENVIRONMENT
    assert read(source, tmp_path).head == ids["a"]


def test_files_of_a_submission(source: Path, tmp_path: Path) -> None:
    root = files(source, {"README.md": b"hello\n"})
    ids = history(source, [C("a", EARLY)], root=root)
    fetched = repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    assert fetched.tree(ids["a"]).read("README.md") == b"hello\n"


def test_a_damaged_source_is_the_students_trouble(source: Path, tmp_path: Path) -> None:
    ids = history(source, [C("a"), C("b")])
    (source / "objects" / ids["a"][:2] / ids["a"][2:]).unlink()
    with pytest.raises(SubmissionError, match="is damaged: objects are missing"):
        read(source, tmp_path)
