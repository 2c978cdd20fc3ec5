"""`make submit`, in real repositories with a real remote."""

import datetime
import os
import stat
import sys
from pathlib import Path

import git
import pytest
from finetune import submit
from finetune.parts.problem import Problem
from finetune.submission import Deadline


@pytest.fixture
def repository(handed_out, tmp_path, monkeypatch, edit):
    """The finished homework, committed, with an empty bare repository as remote; no grader installed."""
    for key, value in (("AUTHOR", "Student"), ("COMMITTER", "Student")):
        monkeypatch.setenv(f"GIT_{key}_NAME", value)
        monkeypatch.setenv(f"GIT_{key}_EMAIL", "student@example.org")
    monkeypatch.setattr(sys, "argv", ["submit"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    edit(handed_out / "submission.toml", at='"2020-11-10 23:59"')
    git.Repo.init(tmp_path / "remote.git", bare=True, initial_branch="main")
    repository = git.Repo.init(handed_out, initial_branch="main")
    repository.create_remote("origin", str(tmp_path / "remote.git"))
    commit(repository)
    return repository


def commit(repository):
    repository.git.add("--all")
    repository.git.commit("--quiet", "--message", "Finish the homework")


def remote_head(tmp_path, branch="main"):
    return git.Repo(tmp_path / "remote.git").refs[branch].commit.hexsha


def test_a_complete_homework_arrives(repository, tmp_path, capsys):
    head = repository.head.commit.hexsha
    submit.main()
    assert remote_head(tmp_path) == repository.head.commit.hexsha == head
    printed = capsys.readouterr().out
    assert f"commit    {head}" in printed
    assert "branch    main -> origin/main" in printed
    assert "UTC)" in printed
    submit.main()  # a second time does no harm
    assert "Handed in." in capsys.readouterr().out


@pytest.mark.usefixtures("repository")
def test_check_pushes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["submit", "--check"])
    submit.main()
    assert "Everything that has to be handed in is there" in capsys.readouterr().out
    assert not git.Repo(tmp_path / "remote.git").refs


def refused(tmp_path, capsys):
    with pytest.raises(Problem, match="nothing was pushed"):
        submit.main()
    assert not git.Repo(tmp_path / "remote.git").refs
    return capsys.readouterr().out


def test_a_missing_file_is_refused(repository, tmp_path, capsys):
    repository.index.remove(["report.pdf"], working_tree=True)
    repository.index.commit("Lose the report")
    assert refused(tmp_path, capsys).endswith(
        "To mend first:\n- report.pdf is missing; `make report` makes what can be made.\n"
    )


def test_missing_files_are_told_in_one_line(repository, tmp_path, capsys):
    repository.index.remove(["report.pdf", "predictions.csv"], working_tree=True)
    repository.index.commit("Lose two files")
    assert refused(tmp_path, capsys).endswith(
        "To mend first:\n- predictions.csv, report.pdf are missing; `make report` makes what can be made.\n"
    )


def test_an_ignored_file_is_refused(repository, tmp_path, capsys):
    repository.git.rm("--cached", "--quiet", "logs/train.jsonl")
    with open(".gitignore", "a") as file:
        file.write("logs/\n")
    commit(repository)
    assert "- logs/train.jsonl is ignored by git; take the line that names it out" in refused(
        tmp_path, capsys
    )


def test_an_lfs_pointer_is_refused(repository, tmp_path, capsys):
    with open("model.safetensors", "w") as file:
        file.write("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    commit(repository)
    assert "- model.safetensors is kept by Git LFS" in refused(tmp_path, capsys)


@pytest.mark.usefixtures("repository")
def test_an_lfs_pointer_that_is_not_committed_is_refused(tmp_path, capsys, edit):
    edit(Path("submission.toml"), report='"new.pdf"')
    with open("new.pdf", "w") as file:
        file.write("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    assert "- new.pdf is kept by Git LFS" in refused(tmp_path, capsys)


def test_a_file_that_lfs_would_take_is_refused(repository, tmp_path, capsys):
    with open(".gitattributes", "a") as file:
        file.write("*.pdf filter=lfs diff=lfs merge=lfs -text\n")
    commit(repository)
    assert "- report.pdf is kept by Git LFS" in refused(tmp_path, capsys)


@pytest.mark.usefixtures("repository")
def test_a_huge_file_is_refused(tmp_path, capsys):
    with open("model.safetensors", "r+b") as file:
        file.truncate(96_000_000)  # a sparse file: no disk is filled
    assert "- model.safetensors has 96 MB, more than the 95 MB" in refused(tmp_path, capsys)


@pytest.mark.usefixtures("repository")
def test_unsaved_changes_are_refused(tmp_path, capsys):
    with open("README.md", "a") as file:
        file.write("more\n")
    with open("notes.txt", "w") as file:
        file.write("new\n")
    printed = refused(tmp_path, capsys)
    assert "- there are changes that are not committed: README.md, notes.txt; commit or undo them." in printed


def test_no_remote_is_refused(repository, tmp_path, capsys):
    repository.delete_remote(repository.remotes.origin)
    assert "- the repository has no remote to push to" in refused(tmp_path, capsys)


def test_a_folder_without_repository_or_commit_is_told(handed_out, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["submit"])
    with pytest.raises(Problem, match="git init"):
        submit.main()
    git.Repo.init(handed_out)
    with pytest.raises(Problem, match="nothing is committed yet"):
        submit.main()


def test_a_branch_that_is_not_graded_is_refused_before_the_push(repository, tmp_path, capsys):
    repository.git.push("origin", "main")
    repository.git.checkout("-b", "final")
    with pytest.raises(Problem, match="nothing was pushed"):
        submit.main()
    printed = capsys.readouterr().out
    assert "this would be pushed to the branch final, and what is graded is main" in printed
    assert "git switch main && git merge final" in printed
    assert "final" not in git.Repo(tmp_path / "remote.git").refs


def test_a_large_file_of_an_earlier_commit_is_refused(repository, tmp_path, capsys):
    """It was deleted again; a push brings it all the same, and the host refuses all of it."""
    with open("film.bin", "wb") as file:
        file.truncate(96_000_000)
    commit(repository)
    Path("film.bin").unlink()
    commit(repository)
    printed = refused(tmp_path, capsys)
    assert "- an earlier commit holds film.bin with 96 MB" in printed
    assert "git checkout --orphan handin" in printed


def test_a_repository_inside_is_refused(repository, tmp_path, capsys):
    """As after `git clone` into one's own repository: git keeps the address of it and no file."""
    inner = git.Repo.init("finetune", initial_branch="main")
    inner.git.add("--all")
    inner.git.commit("--quiet", "--message", "Mine")
    repository.git.rm("-r", "--cached", "--quiet", "finetune")
    commit(repository)
    printed = refused(tmp_path, capsys)
    assert "- finetune/sources/download.py lies in finetune/, which is a repository of its own" in printed
    assert "- finetune/ is a repository of its own, so its files would not arrive" in printed


def test_a_linked_folder_is_refused(repository, tmp_path, capsys):
    (tmp_path / "elsewhere").mkdir()
    Path("logs").rename(tmp_path / "elsewhere/logs")
    Path("logs").symlink_to(tmp_path / "elsewhere/logs")
    commit(repository)
    assert "- logs is a link, and git keeps the link, not what is behind it; put the real folder" in refused(
        tmp_path, capsys
    )


@pytest.mark.usefixtures("repository")
def test_accents_in_file_names_are_told_as_they_are(tmp_path, capsys):
    Path("képek.txt").write_text("new")
    assert "not committed: képek.txt;" in refused(tmp_path, capsys)


def test_a_homework_in_a_subfolder_of_a_repository_is_told(handed_out, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["submit"])
    git.Repo.init(handed_out.parent)
    with pytest.raises(
        Problem, match="lies inside of the repository .*, and the grader looks at the top of one"
    ):
        submit.main()


@pytest.mark.usefixtures("repository")
def test_an_empty_discussion_is_told_and_stops_nobody(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["submit", "--check"])
    submit.main()
    assert "The report has no discussion yet" in capsys.readouterr().out
    program = Path("finetune/report.py")
    program.write_text(program.read_text().replace("DISCUSSION: list[str] = []", 'DISCUSSION = ["I tried."]'))
    assert submit.discussed()


def test_a_push_that_fails_is_told(repository, tmp_path):
    repository.remotes.origin.set_url(str(tmp_path / "nowhere.git"))
    with pytest.raises(
        Problem, match="the push to origin did not work, so nothing is handed in yet: .*nowhere.git"
    ):
        submit.main()


def test_the_branch_s_own_remote_is_used(repository, tmp_path):
    git.Repo.init(tmp_path / "second.git", bare=True, initial_branch="handin")
    repository.create_remote("school", str(tmp_path / "second.git"))
    repository.git.checkout("-b", "final")
    repository.git.push("--set-upstream", "school", "final:handin")
    repository.index.commit("One more thought")
    submit.main()
    assert git.Repo(tmp_path / "second.git").refs["handin"].commit == repository.head.commit


def test_the_grader_s_public_checks_are_shown(repository, tmp_path, capfd):
    """A grader beside this Python is asked; its verdict stops nobody."""
    program = tmp_path / "bin/grader"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "verdict on: $*"\nexit 1\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    submit.main()
    asked = "verdict on: check . --assignment hw4 --static --deadline 2020-11-10 23:59\n"
    assert asked in capfd.readouterr().out
    assert remote_head(tmp_path) == repository.head.commit.hexsha


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2020-11-10T20:00:00+01:00", "in time, 3 h 59 min before it"),
        ("2020-11-08T21:59:30+00:00", "in time, 2 d 1 h before it"),
        ("2020-11-10T23:59:59+01:00", "in time, less than a minute before it"),
        ("2020-11-11T00:01:00+01:00", "WARNING, this is 1 min after it; your work was pushed all the same"),
    ],
)
def test_the_margin_is_told_in_words(now, told):
    deadline = Deadline("2020-11-10 23:59", "Europe/Budapest")
    words = submit.margin(deadline, datetime.datetime.fromisoformat(now))
    assert words.startswith("2020-11-10 23:59 Europe/Budapest (2020-11-10 22:59:59 UTC)")
    assert told in words


def test_after_the_deadline_it_warns_and_still_pushes(repository, tmp_path, capsys):
    submit.main()
    assert "deadline  2020-11-10 23:59 Europe/Budapest" in (printed := capsys.readouterr().out)
    assert "WARNING" in printed
    assert remote_head(tmp_path) == repository.head.commit.hexsha


def test_without_a_deadline_the_receipt_has_none(repository, capsys):
    with open("submission.toml") as file:
        text = file.read().partition("[deadline]")[0]
    with open("submission.toml", "w") as file:
        file.write(text)
    commit(repository)
    submit.main()
    assert "deadline" not in capsys.readouterr().out


def test_it_runs_as_a_program(repository, run):
    done = run(repository.working_dir, "submit", "--check")
    assert done.returncode == 0, done.stderr
