"""Control groups of both versions: real ones where the machine lets us, plain folders for what is written."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from grader.sandbox import cgroup
from grader.sandbox.cgroup import Group
from grader.sandbox.records import Limits

from .conftest import processes_with

MiB = 1 << 20


def test_version_2_writes_its_limits_into_one_folder(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    (tmp_path / "cgroup.subtree_control").write_text("memory pids")
    for name in ("memory.swap.max", "memory.oom.group"):
        (tmp_path / name).write_text("")
    cgroup._set(Group(2, (tmp_path,)), Limits(memory=100 * MiB, processes=10))
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written["memory.max"] == str(100 * MiB)
    assert written["memory.swap.max"] == "0"
    assert written["memory.oom.group"] == "1"
    assert int(written["pids.max"]) == 12


def test_version_2_steps_down_into_a_leaf_where_controllers_are_off(tmp_path: Path) -> None:
    own = tmp_path / cgroup._own("")
    (own / "grader").mkdir(parents=True)
    for folder in (tmp_path, own):
        (folder / "cgroup.subtree_control").write_text("")
    assert cgroup._delegated(tmp_path) == own
    assert (own / "grader" / "cgroup.procs").read_text() == "0"
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_version_2_stays_where_it_is_where_controllers_are_on(tmp_path: Path) -> None:
    own = tmp_path / cgroup._own("")
    own.mkdir(parents=True, exist_ok=True)
    (own / "cgroup.subtree_control").write_text("cpu io memory pids")
    assert cgroup._delegated(tmp_path) == own
    assert not (own / "grader").exists()


def test_groups_that_a_killed_grader_left_are_removed() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with cgroup.limited(Limits()) as group:
        if group is None:
            pytest.skip("this account may make no control groups here")
        left = [folder.parent / f"grader-{gone.pid}-0badcafe" for folder in group.folders]
        for folder in left:
            folder.mkdir()
    with cgroup.limited(Limits()):
        assert not any(folder.exists() for folder in left)


def test_a_machine_that_lets_us_make_no_group_gives_none(tmp_path: Path) -> None:
    with cgroup.limited(Limits(), root=tmp_path / "nothing") as group:
        assert group is None


@pytest.mark.parametrize(
    ("version", "name", "text", "killed"),
    [
        (2, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 1\n", True),
        (2, "memory.events", "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\n", False),
        (1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", True),
        (1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", False),
    ],
)
def test_the_kernel_s_kills_are_counted(
    tmp_path: Path, version: int, name: str, text: str, killed: bool
) -> None:
    (tmp_path / name).write_text(text)
    assert Group(version, (tmp_path,)).killed_for_memory() is killed


def test_a_real_version_2_group_ends_all_that_is_in_it(tmp_path: Path) -> None:
    """`cgroup.kill`, with processes that ignore every signal that can be ignored."""
    hierarchies = [Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")]
    root = next((path for path in hierarchies if (path / "cgroup.procs").exists()), None)
    if root is None or not os.access(root / "cgroup.procs", os.W_OK):
        pytest.skip("no hierarchy of version 2 is writable here")
    folder = root / f"grader-test-{os.getpid()}"
    folder.mkdir()
    group = Group(2, (folder,))
    token = tmp_path.name + "-in-group"
    script = f"echo 0 > {folder}/cgroup.procs; trap '' TERM HUP INT; setsid sleep 60 & sleep 60; : {token}"
    process = subprocess.Popen(["/bin/sh", "-c", script])
    until = time.monotonic() + 60
    while len((folder / "cgroup.procs").read_text().split()) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)
    group.end()
    assert process.wait(60) == -9
    assert not folder.exists()
    assert processes_with(token) == []


def test_a_group_is_gone_after_its_use() -> None:
    with cgroup.limited(Limits(processes=20)) as group:
        if group is None:
            pytest.skip("this account may make no control groups here")
        assert all(folder.is_dir() for folder in group.folders)
        assert (group.folders[-1] / "pids.max").read_text().strip() == "22"
    assert not any(folder.exists() for folder in group.folders)
