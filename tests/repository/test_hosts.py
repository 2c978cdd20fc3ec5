"""Fetching from a host over HTTP, as it is done in earnest."""

import os
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import repository
from grader.ground.errors import GraderError, SubmissionError
from grader.repository import Access, Limits, Repository
from tests.repository.building import C, bare, files, git, history
from tests.repository.hosting import Host, hosting


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with hosting(tmp_path / "hosted") as host:
        yield host


def fetch(host: Host, name: str, tmp_path: Path, limits: Limits = repository.GENEROUS) -> Repository:
    return repository.fetch(f"{host.address}/{name}", tmp_path / "fetched", allow=("http",), limits=limits)


def test_pictures_stay_at_the_host_until_somebody_asks(host: Host, tmp_path: Path) -> None:
    source = bare(host.root / "hw4.git")
    pictures = {f"{number}.jpg": random.Random(number).randbytes(200_000) for number in range(20)}
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
    texts = {"README.md": b"hello\n", "log.txt": b"epoch 1\n" * 20_000, "model.onnx": pointer}
    root = files(source, {**pictures, **texts})
    ids = history(source, [C("a"), C("b")], root=root)

    fetched = fetch(host, "hw4.git", tmp_path)
    tree = fetched.tree(fetched.history().head)
    assert fetched.history().head == ids["b"]
    assert host.sent < 100_000
    assert tree.read("README.md") == b"hello\n"
    assert tree.read("log.txt") == texts["log.txt"]
    assert tree.entries["model.onnx"].kind == "pointer"
    assert tree.remarks() == ("model.onnx is a Git LFS pointer, not the file itself",)
    assert tree.sizes()["3.jpg"] == -1
    asked = len(host.asked)
    tree.export(["3.jpg", "7.jpg", "README.md"], tmp_path / "exported")
    assert (tmp_path / "exported/7.jpg").read_bytes() == pictures["7.jpg"]
    assert len(host.asked) - asked <= 3  # all of them in one go
    assert host.sent < 600_000
    assert tree.read("5.jpg") == pictures["5.jpg"]


def test_nothing_is_fetched_behind_our_back(host: Host, tmp_path: Path) -> None:
    """No note is left in our repository by which git would fetch what is missing, one by one."""
    source = bare(host.root / "hw4.git")
    history(source, [C("a")], root=files(source, {"photo.jpg": b"picture"}))
    fetched = fetch(host, "hw4.git", tmp_path)
    fetched.tree(fetched.history().head)
    assert "promisor" not in (tmp_path / "fetched/config").read_text()
    asked = len(host.asked)
    subprocess.run(["git", "-C", str(tmp_path / "fetched"), "fsck"], capture_output=True, check=False)
    assert len(host.asked) == asked


def test_a_private_repository(host: Host, tmp_path: Path) -> None:
    history(bare(host.root / "hw4.git"), [C("a")])
    host.token = "sesame"
    with pytest.raises(GraderError, match="does not exist, or it is private; check the address, or give"):
        fetch(host, "hw4.git", tmp_path)


def test_no_such_repository(host: Host, tmp_path: Path) -> None:
    host.root.mkdir()
    with pytest.raises(GraderError, match="there is no repository; check the address"):
        fetch(host, "nothing.git", tmp_path)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_file_is_no_repository(tmp_path: Path, scheme: str) -> None:
    (tmp_path / "solution.py").write_text("print('hello')\n")
    with pytest.raises(GraderError, match="there is no repository; check the address"):
        repository.fetch(f"{scheme}{tmp_path / 'solution.py'}", tmp_path / "into", allow=("file",))


def test_a_host_that_does_not_answer_in_time(host: Host, tmp_path: Path) -> None:
    history(bare(host.root / "hw4.git"), [C("a")])
    host.answers.clear()
    with pytest.raises(GraderError, match="git took longer than 0.5 s and was ended"):
        fetch(host, "hw4.git", tmp_path, Limits(seconds=0.5))
    assert host.asked == [], "it has not answered yet"


def test_a_repository_that_is_larger_than_the_disk_allows(host: Host, tmp_path: Path) -> None:
    source = bare(host.root / "hw4.git")
    history(source, [C("a")], root=files(source, {"log.txt": random.Random(1).randbytes(6_000_000)}))
    fetched = fetch(host, "hw4.git", tmp_path, Limits(disk_bytes=1_000_000))
    with pytest.raises(SubmissionError, match="larger than the 0.001 GB that are fetched"):
        fetched.tree(fetched.history().head)


def test_the_branch_moves_while_it_is_read(host: Host, tmp_path: Path) -> None:
    source = bare(host.root / "hw4.git")
    history(source, [C("a"), C("b")])
    host.delay = 0.05
    more = threading.Thread(target=lambda: history(source, [C("a"), C("b"), C("c")]))
    more.start()
    found = fetch(host, "hw4.git", tmp_path).history()
    more.join()
    assert found.head in found.commits


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Username for 'https://github.com': ", "x-access-token"),
        ("Password for 'https://x-access-token@github.com': ", "sesame"),
        ("Username for 'https://github.com.evil.example': ", ""),
        ("Password for 'https://x-access-token@evil.example': ", ""),
        ("Password for 'http://x-access-token@github.com': ", ""),
        ("Are you sure you want to continue connecting (yes/no)? ", ""),
    ],
)
def test_the_token_is_told_to_its_host_only(tmp_path: Path, question: str, answer: str) -> None:
    source = bare(tmp_path / "source.git")
    history(source, [C("a")])
    repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    told = subprocess.run(
        [str(tmp_path / "fetched/askpass"), question],
        env={"PATH": os.environ["PATH"], "GRADER_HOST": "github.com", "GRADER_TOKEN": "sesame"},
        capture_output=True,
        check=True,
    )
    assert told.stdout.decode().strip() == answer


def test_the_token_comes_from_the_environment() -> None:
    assert repository.access_from({}) is None
    assert repository.access_from({"GRADER_TOKEN": "x"}) == Access("github.com", "x")
    assert repository.access_from({"GRADER_TOKEN": "x", "GRADER_TOKEN_HOST": "git.edu"}) == Access(
        "git.edu", "x"
    )


def test_receipts_travel_with_the_repository(host: Host, tmp_path: Path) -> None:
    source = bare(host.root / "hw4.git")
    ids = history(source, [C("a")])
    root = files(source, {"time.tsr": b"stamp", "large.bin": bytes(100_000)})
    receipt = git(source, "commit-tree", "-m", "receipt", root)
    git(source, "update-ref", f"refs/receipts/{ids['a']}", receipt)
    git(source, "update-ref", "refs/receipts/other", receipt)
    fetched = fetch(host, "hw4.git", tmp_path)
    assert fetched.receipts([ids["a"]]) == {ids["a"]: {"time.tsr": b"stamp"}}
    assert set(fetched.history().commits) == {ids["a"]}
