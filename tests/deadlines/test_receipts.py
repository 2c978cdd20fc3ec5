"""Receipts from the student's `make submit` to the verdict, with a real authority and a real signer."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from finetune.parts import receipt
from finetune.parts.receipt import Settings

from grader import deadlines, repository
from grader.deadlines import Gathered, Policy, Status, Subject
from grader.intake.clocks.ledger import snapshot
from grader.intake.clocks.ledger.snapshot import Observer
from grader.repository.receipts import Receipts
from tests.deadlines.authority import Authority, Signer, authority, signer
from tests.deadlines.serving import Answer, serving
from tests.repository.building import C, bare, git, history


@pytest.fixture(scope="module")
def stamps(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority") / "here")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("signer") / "here")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder with one commit, pushed to `origin`."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    origin, folder = bare(tmp_path / "origin.git"), tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "work")
    git(folder, "push", "--quiet", "origin", "HEAD:main")
    return folder


def gather(work: Path, source: Receipts) -> Gathered:
    fetched = repository.fetch(
        str(work.parent / "origin.git"), work.parent / f"f{time.time_ns()}", allow=("file",)
    )
    commits = fetched.history().commits
    return source.gather(Subject("", "main", commits, fetched.receipts(commits)))


def test_from_make_submit_to_a_proof(work: Path, stamps: Authority, course: Signer) -> None:
    sha = git(work, "rev-parse", "HEAD")
    before = int(time.time())
    with serving(stamps) as authority_address, serving(course) as signer_address:
        lines = receipt.obtain(work, sha, Settings(authority_address, signer_address))
    assert lines == [f"  receipt   time.tsr, course.json, course.json.sig at refs/receipts/{sha}"]
    gathered = gather(work, Receipts(stamps.certificates, course.allowed))
    assert gathered.troubles == ()
    assert [each.source for each in gathered.observations] == [
        "the course's receipt",
        "the time stamp authority",
    ]
    for each in gathered.observations:
        assert (each.sha, each.tip) == (sha, False)
        assert before <= each.seen <= int(time.time())

    fetched = repository.fetch(str(work.parent / "origin.git"), work.parent / "again", allow=("file",))
    deadline = deadlines.instant(datetime.fromtimestamp(before + 600, UTC).isoformat()[:16] + "Z", "UTC")
    line = deadlines.timeline(fetched.history(), [deadline.last], before, gathered)
    ruling = deadlines.decide(line, deadline, Policy())
    assert (ruling.status, ruling.graded) == (Status.PROVEN_IN_TIME, sha)


def test_nothing_of_it_is_on_a_branch(work: Path, stamps: Authority) -> None:
    sha = git(work, "rev-parse", "HEAD")
    with serving(stamps) as address:
        receipt.obtain(work, sha, Settings(address))
    assert git(work, "status", "--porcelain") == ""
    assert git(work, "rev-parse", "HEAD") == sha
    assert git(work.parent / "origin.git", "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/main",
        f"refs/receipts/{sha}",
    ]


def test_the_first_receipt_stays(work: Path, stamps: Authority, course: Signer) -> None:
    sha = git(work, "rev-parse", "HEAD")
    with serving(stamps) as address, serving(course) as signer_address:
        receipt.obtain(work, sha, Settings(address))
        first = git(work, "rev-parse", f"refs/receipts/{sha}:time.tsr")
        receipt.obtain(work, sha, Settings(address, signer_address))
        receipt.obtain(work, sha, Settings(address, signer_address))
        # Another copy of the repository finds what this one left at the remote.
        other = work.parent / "other"
        git(work.parent, "clone", "--quiet", str(work.parent / "origin.git"), str(other))
        receipt.obtain(other, sha, Settings(address))
    for folder in (work, other):
        assert git(folder, "rev-parse", f"refs/receipts/{sha}:time.tsr") == first
        assert git(folder, "ls-tree", "--name-only", f"refs/receipts/{sha}").split() == [
            "course.json",
            "course.json.sig",
            "time.tsr",
        ]
    assert git(work, "rev-list", "--count", f"refs/receipts/{sha}") == "2"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=500), "cannot be reached"),
        (Answer(b"<html>sorry</html>"), "openssl says"),
    ],
)
def test_without_a_receipt_the_work_is_handed_in_all_the_same(work: Path, answer: Answer, words: str) -> None:
    with serving(lambda _: answer) as address:
        lines = receipt.obtain(work, git(work, "rev-parse", "HEAD"), Settings(address))
    assert len(lines) == 1
    assert words in lines[0]
    assert "Your work is handed in; only the receipt is missing." in lines[0]


def test_a_signer_that_answers_for_another_commit_is_not_believed(work: Path, course: Signer) -> None:
    text, signature = course.receipt("a" * 40, datetime.now(UTC))
    with serving(lambda _: Answer(json.dumps({"receipt": text, "signature": signature}).encode())) as address:
        lines = receipt.obtain(work, git(work, "rev-parse", "HEAD"), Settings(signer=address))
    assert "its answer is for another commit" in lines[0]


def test_receipts_that_do_not_hold(work: Path, stamps: Authority, course: Signer, tmp_path: Path) -> None:
    sha, other = git(work, "rev-parse", "HEAD"), "f" * 40
    with serving(stamps) as address:
        token = receipt.time_stamp(sha, address)
    stranger = authority(tmp_path / "stranger", "Stranger")
    with serving(stranger) as address:
        foreign = receipt.time_stamp(sha, address)
    text, signature = (each.encode() for each in course.receipt(sha, datetime.now(UTC)))
    source = Receipts(stamps.certificates, course.allowed)

    def told(commit: str, files: dict[str, bytes]) -> str:
        gathered = source.gather(Subject("", "main", (commit,), {commit: files}))
        assert gathered.observations == ()
        return " ".join(gathered.troubles)

    assert "for another commit" in told(other, {"time.tsr": token})
    assert "an authority that the course does not name" in told(sha, {"time.tsr": foreign})
    assert "no time stamp reply" in told(sha, {"time.tsr": b"hello"})
    assert "it is for another commit" in told(other, {"c.json": text, "c.json.sig": signature})
    assert "signature is not the course's" in told(sha, {"c.json": text + b" ", "c.json.sig": signature})
    assert "signature is not the course's" in told(sha, {"c.json": text})
    altered = bytearray(token)
    altered[-20] ^= 1
    assert "does not count" in told(sha, {"time.tsr": bytes(altered)})
    impostor = signer(tmp_path / "impostor")
    text, signature = (each.encode() for each in impostor.receipt(sha, datetime(2020, 1, 1, tzinfo=UTC)))
    assert "signature is not the course's" in told(sha, {"c.json": text, "c.json.sig": signature})


def test_what_nobody_signed_sets_no_clock(work: Path, stamps: Authority) -> None:
    """The reply around a token states a status in free text, which its bearer may write."""
    sha = git(work, "rev-parse", "HEAD")
    before = int(time.time())
    with serving(stamps) as address:
        genuine = receipt.time_stamp(sha, address)
    tomorrow = datetime.fromtimestamp(before + 86_400, UTC)  # the authority's certificate is valid then
    for moment in (tomorrow, datetime(2020, 1, 1, tzinfo=UTC)):
        text = moment.strftime("x\nTime stamp: %b %e %H:%M:%S %Y GMT").encode()
        status = der(0x30, der(0x02, b"\0"), der(0x30, der(0x0C, text)))
        reply = der(0x30, status, token_of(genuine))
        subject = Subject("", "main", (sha,), {sha: {"time.tsr": reply}})
        gathered = Receipts(stamps.certificates).gather(subject)
        assert gathered.troubles == ()
        (observation,) = gathered.observations
        assert before <= observation.seen <= int(time.time())


def der(tag: int, *parts: bytes) -> bytes:
    """A DER element: its tag, its length (in its long form, where it needs that), its content."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def token_of(reply: bytes) -> bytes:
    """TimeStampResp is SEQUENCE {status SEQUENCE, token SEQUENCE}; the genuine one says `granted` only."""
    granted = reply.index(der(0x30, der(0x02, b"\0")))
    return reply[granted + 5 :]


def test_receipts_nobody_asked_for_are_left_alone() -> None:
    found = Receipts().gather(
        Subject("", "main", ("a" * 40,), {"a" * 40: {"time.tsr": b"x", "c.json": b"x", "note.txt": b"x"}})
    )
    assert found == Gathered()


def test_receipts_of_other_commits_cost_nothing_and_a_flood_of_them_is_cut(
    work: Path, course: Signer
) -> None:
    """Receipts are a student's own refs: how many are read and verified is ours to say."""
    sha, origin = git(work, "rev-parse", "HEAD"), work.parent / "origin.git"
    (work / "course.json").write_bytes(b"no receipt")
    git(work, "add", "course.json")
    made = git(work, "commit-tree", "-m", "receipt", git(work, "write-tree"))
    git(work, "push", "--quiet", "origin", f"{made}:refs/receipts/{sha}")
    head = git(origin, "rev-parse", "main")
    names = [f"{number:07x}{0:033x}" for number in range(300)]
    lines = [f"{head} refs/heads/main", *(f"{made} refs/receipts/{name}" for name in names)]
    (origin / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" + "\n".join(lines) + "\n"
    )
    source = Receipts(signers=course.allowed)
    assert gather(work, source).troubles == (
        "300 receipts name commits that are not in this history, and prove nothing.",
        f"The receipt course.json for {sha[:7]} does not count: its signature is not the course's.",
    )

    fetched = repository.fetch(str(origin), work.parent / "few", allow=("file",)).fetched
    assert git(fetched.git.folder, "for-each-ref", "--format=%(refname)", "refs/student/").split() == [
        "refs/student/heads/main",
        f"refs/student/receipts/{sha}",
    ]

    flood = {name: {"c.json": b"x"} for name in reversed(names)}
    told = source.gather(Subject("", "main", names, flood)).troubles
    assert told[0] == "There are 300 receipts; the 40 of the newest commits were looked at."
    assert [each.split()[4] for each in told[1:]] == [name[:7] for name in names[:40]]


def test_of_many_receipts_those_of_the_newest_commits_are_fetched(work: Path, course: Signer) -> None:
    """A receipt for every commit of a long history: what is left out is told, and so is a look's."""
    origin = work.parent / "origin.git"
    commits = list(history(origin, [C(f"c{number}") for number in range(240)]).values())
    (origin / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n"
        + "".join(f"{sha} refs/receipts/{name}\n" for name, sha in sorted(zip(commits, commits, strict=True)))
    )
    fetched = repository.fetch(str(origin), work.parent / "few", allow=("file",)).fetched
    listed = git(fetched.git.folder, "for-each-ref", "--format=%(objectname)", "refs/student/receipts/")
    assert set(listed.split()) == set(commits[40:])
    assert gather(work, Receipts(signers=course.allowed)).troubles == (
        "There are 240 receipts; the 40 of the newest commits were looked at.",
    )

    row = snapshot.look(str(origin), Observer(work.parent / "kept", ("file",)))
    assert row.lost == "of 240 receipts those of the newest commits were kept, 200 at most"
    assert row.refs == {"main": commits[-1]}
