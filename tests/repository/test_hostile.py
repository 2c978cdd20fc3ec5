"""Repositories that try to make the grader run something. Each trap leaves a file behind when it goes off."""

import subprocess
from pathlib import Path

import pytest

from grader import repository
from grader.ground.errors import GraderError, SubmissionError
from grader.repository import Limits
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

HOOKS = (
    "post-checkout", "post-merge", "pre-receive", "post-update", "reference-transaction", "pre-auto-gc",
    "fsmonitor-watchman", "post-index-change", "pre-commit", "update", "proc-receive", "post-rewrite",
)  # fmt: skip


@pytest.fixture
def canaries(tmp_path: Path) -> Path:
    folder = tmp_path / "canaries"
    folder.mkdir()
    return folder


def trap(canaries: Path, name: str) -> str:
    """A command that leaves a file behind."""
    return f"touch {canaries / name}; cat"


@pytest.fixture
def hostile(tmp_path: Path, canaries: Path) -> Path:
    """A work tree with every setting, hook and attribute that can name a program."""
    source = tmp_path / "hostile"
    source.mkdir()
    git(source, "init", "--quiet", "--initial-branch=main")
    (source / "README.md").write_text("hello\n")
    (source / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    (source / ".gitmodules").write_text(
        f'[submodule "one"]\n path = one\n url = ext::sh -c "touch {canaries}/ext"\n'
        f" update = !touch {canaries}/update\n"
        f'[submodule "two"]\n path = two\n url = file://{source}\n'
    )
    content = {
        name: blob(source, (source / name).read_bytes())
        for name in ("README.md", ".gitattributes", ".gitmodules")
    }
    root = tree(
        source,
        [
            *(("100644", oid, name) for name, oid in content.items()),
            ("160000", "1" * 40, "one"),
            ("120000", blob(source, b"/etc/passwd"), "link"),
        ],
    )
    work = git(source, "hash-object", "-w", "-t", "commit", "--stdin", given=commit_object(root, (), C("a")))
    git(source, "update-ref", "refs/heads/main", work)
    settings = {
        "core.fsmonitor": "fsmonitor", "core.sshCommand": "ssh", "core.pager": "pager", "core.editor": "edit",
        "core.alternateRefsCommand": "alternates", "core.gitProxy": "proxy", "core.askPass": "askpass",
        "filter.evil.clean": "clean", "filter.evil.smudge": "smudge", "filter.evil.process": "process",
        "diff.evil.textconv": "textconv", "diff.evil.command": "diffcommand", "diff.external": "external",
        "merge.evil.driver": "merge", "uploadpack.packObjectsHook": "packobjects", "gpg.program": "gpg",
        "credential.helper": "credential", "remote.origin.uploadpack": "uploadpack",
        "alias.upload-pack": "alias", "gc.recentObjectsHook": "recent", "trace2.eventTarget": "trace",
    }  # fmt: skip
    for setting, name in settings.items():
        git(source, "config", setting, trap(canaries, name))
    git(source, "config", "remote.origin.url", f"ext::sh -c 'touch {canaries}/remote'")
    git(source, "config", "remote.origin.vcs", "ext")
    for hook in HOOKS:
        file = source / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch {canaries}/hook-{hook}\n")
        file.chmod(0o755)
    return source


def read_everything(source: str, into: Path) -> tuple[str, ...]:
    fetched = repository.fetch(source, into, allow=("file",))
    found = fetched.history()
    assert found.head
    files_of_head = fetched.tree(found.head)
    for path in files_of_head.sizes():
        files_of_head.read(path)
    files_of_head.export(files_of_head.sizes(), into.parent / "exported")
    return files_of_head.remarks()


def test_the_traps_work(hostile: Path, canaries: Path) -> None:
    """Otherwise the next tests would show nothing."""
    for command in (
        ["status"],
        ["add", "README.md"],
        ["branch", "other", "main"],
        ["show", "main"],
        ["fetch"],
    ):
        subprocess.run(
            ["git", "-C", str(hostile), *command], env=ENVIRONMENT, capture_output=True, check=False
        )
    sprung = {file.name for file in canaries.iterdir()}
    assert {"fsmonitor", "hook-reference-transaction"} <= sprung
    assert sprung & {"clean", "process"}


@pytest.mark.parametrize("form", ["path", "git folder", "file://"])
def test_nothing_of_a_hostile_repository_acts(
    hostile: Path, canaries: Path, tmp_path: Path, form: str
) -> None:
    address = {"path": str(hostile), "git folder": str(hostile / ".git"), "file://": f"file://{hostile}"}[
        form
    ]
    remarks = read_everything(address, tmp_path / "fetched")
    assert remarks == (
        "link is a symbolic link, which is not followed",
        "one is a submodule, which is not fetched",
    )
    assert not (tmp_path / "exported" / "link").exists()
    assert [file.name for file in canaries.iterdir()] == []


def test_missing_objects_are_not_fetched_by_the_source(tmp_path: Path, canaries: Path) -> None:
    """A partial clone asks its own remote for what it lacks, with a command of its own settings."""
    origin = bare(tmp_path / "origin.git")
    ids = history(origin, [C("a")], root=files(origin, {"README.md": b"hello\n"}))
    git(origin, "config", "uploadpack.allowFilter", "true")
    source = tmp_path / "partial"
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{origin}", str(source))
    git(source, "config", "remote.origin.uploadpack", f"touch {canaries}/lazy; git-upload-pack")
    fetched = repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    tree_of_head = fetched.tree(ids["a"])
    assert tree_of_head.sizes() == {"README.md": -1}
    assert [file.name for file in canaries.iterdir()] == []
    git(source, "cat-file", "blob", f"{ids['a']}:README.md")  # the trap works
    assert [file.name for file in canaries.iterdir()] == ["lazy"]


def test_alternates_are_not_copied(tmp_path: Path) -> None:
    """A file that names another folder of objects must not make that folder ours."""
    secret = bare(tmp_path / "secret.git")
    oid = blob(secret, b"the key to the course\n")
    source = bare(tmp_path / "source.git")
    root = tree(source, [("100644", oid, "stolen.txt")])
    (source / "objects/info").mkdir(exist_ok=True)
    history(source, [C("a")], root=root)
    (source / "objects/info/alternates").write_text(f"{secret}/objects\n")
    repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    assert not (tmp_path / "fetched/objects/info/alternates").exists()


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c 'touch {canaries}/x'",
        "fd::17",
        "--upload-pack=touch {canaries}/x",
        "-oProxyCommand=touch {canaries}/x",
        "ssh://-oProxyCommand=touch {canaries}/x/y",
        "https://",
        "https://-x/y",
        "git://example.org/x",
        "ftp://example.org/x",
        "http://example.org/x",
        "ssh://example.org/x",
        "git@example.org:x",
        "",
        " https://example.org/x",
        "https://[::1/x",
        "https://example.org/x\n--upload-pack=touch",
        "helper::https://example.org/x",
        "::x",
        "javascript:alert(1)",
        "file:///nonexistent/x",
        "/nonexistent/x",
    ],
)
def test_addresses_that_are_refused_in_one_sentence(address: str, canaries: Path, tmp_path: Path) -> None:
    allow = ("https", "file") if "nonexistent" in address else ("https",)
    with pytest.raises(GraderError) as refused:
        repository.fetch(address.format(canaries=canaries), tmp_path / "fetched", allow=allow)
    assert len(str(refused.value).splitlines()) == 1
    assert [file.name for file in canaries.iterdir()] == []


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(GraderError) as refused:
        repository.fetch("https://ada:sesame@127.0.0.1:1/x", tmp_path / "fetched")
    assert "sesame" not in str(refused.value)
    assert "127.0.0.1:1/x could not be fetched: its host did not answer; try again later" in str(
        refused.value
    )


def test_an_environment_of_ours_does_not_reach_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canaries: Path
) -> None:
    source = bare(tmp_path / "source.git")
    history(source, [C("a")])
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {canaries}/ssh")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {canaries}/diff")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(tmp_path / "nowhere"))
    read_everything(str(source), tmp_path / "fetched")
    assert [file.name for file in canaries.iterdir()] == []


def nested(source: Path, levels: int, width: int) -> str:
    """A tree of `width` to the power of `levels` files made of `levels` objects."""
    oid, mode = blob(source, b"bomb"), "100644"
    for _ in range(levels):
        oid, mode = tree(source, [(mode, oid, f"{number:02}") for number in range(width)]), "040000"
    return oid


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda source: nested(source, 10, 10), "lists more than|files, more than"),
        (lambda source: nested(source, 42, 1), "more than 40 folders deep"),
        (lambda source: tree(source, [("100644", blob(source, b"x"), "x" * 401)]), "longer than 400"),
    ],
)
def test_bombs_are_refused_before_they_are_read(tmp_path: Path, make: object, words: str) -> None:
    source = bare(tmp_path / "source.git")
    ids = history(source, [C("a")], root=make(source))  # type: ignore[operator]
    fetched = repository.fetch(str(source), tmp_path / "fetched", allow=("file",))
    with pytest.raises(SubmissionError, match=words):
        fetched.tree(ids["a"])


def test_limits_have_their_own_sentences(tmp_path: Path) -> None:
    source = bare(tmp_path / "source.git")
    noise = b"".join(bytes([number * number % 251]) for number in range(3_000_000))
    ids = history(source, [C("a"), C("b")], root=files(source, {"big.txt": noise, "photo.jpg": noise[::-1]}))
    point(source, "refs/heads/two", ids["a"])

    def fetch(**limits: float) -> repository.Repository:
        number = len(list(tmp_path.iterdir()))
        return repository.fetch(str(source), tmp_path / str(number), allow=("file",), limits=Limits(**limits))  # type: ignore[arg-type]

    with pytest.raises(SubmissionError, match="2 branches, more than 1"):
        fetch(branches=1)
    with pytest.raises(SubmissionError, match="more than 1 commits"):
        fetch(commits=1).history()
    with pytest.raises(GraderError, match="took longer than 0.0001 s"):
        fetch(seconds=0.0001)
    with pytest.raises(SubmissionError, match="commit's files have 3,000,000 bytes, more than 1,000"):
        fetch(tree_bytes=1_000).tree(ids["b"])
    small = fetch(file_bytes=1_000).tree(ids["b"])
    with pytest.raises(SubmissionError, match="big.txt has 3,000,000 bytes, more than 1,000"):
        small.read("big.txt")
    assert small.sizes()["photo.jpg"] == -1  # pictures stay where they are until somebody asks
    with pytest.raises(SubmissionError, match="photo.jpg has 3,000,000 bytes"):
        small.read("photo.jpg")
    with pytest.raises(SubmissionError, match="missing.txt is not in the commit"):
        small.read("missing.txt")
