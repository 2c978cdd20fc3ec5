"""Ten submissions on a Ray cluster of two machines, one of which is killed in the middle."""

import contextlib
import csv
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from msgspec import Struct
from safetensors.torch import save

from tests.course.sixty import class_command
from tests.repository.building import commit
from tests.workers.conftest import Homework, homework

__all__ = ["homework"]

ROOT = Path(__file__).parents[2]
STUDENTS = [f"S{number:02}" for number in range(10)]
MACHINE_LOST_AT = 3  # students of a batch
RUBRIC = """\
schema = 1
id = "small"
title = "Small"
points = 20

[checks.required_files]
points = 10
paths = ["submission.toml", "results.json"]

[checks.accuracy]
points = 10
"""

# Runs in every process of the cluster: notes who is measured, and takes one machine away at one moment.
WATCHED = f"""
import os, signal
from pathlib import Path
import grader.engine

HERE = Path(__file__).parent
measure_all = grader.engine.measure_all
seen = []

def note(what):
    with (HERE / "notes").open("a") as file:
        file.write(what + "\\n")

def watched(assignment, submission):
    if all(each.check.lane == "static" for each in assignment.criteria):
        return measure_all(assignment, submission)  # files are read before anything runs
    name = submission.text("whose.txt")
    note(f"begin {{name}}")
    seen.append(name)
    if len(seen) == {MACHINE_LOST_AT} and (HERE / "victim").read_text() == str(os.getppid()):
        os.kill(os.getppid(), signal.SIGKILL)  # the machine,
        os.kill(os.getpid(), signal.SIGKILL)   # and what runs on it
    measurements = measure_all(assignment, submission)
    note(f"end {{name}}")
    return measurements

grader.engine.measure_all = watched
"""


class Cluster(Struct):
    """`direct` is for a machine of the cluster, `client` for any other; `second`: the pid of a machine."""

    direct: str
    client: str
    second: int


def submissions(homework: Homework, folder: Path) -> None:
    """Each student's tensors are different. One file is a pickle, one result too good, and half of the class
    hands in no network, so that not every batch has to load what evaluates one.
    """
    (folder / "small.toml").write_text(RUBRIC)
    for number, student in enumerate(STUDENTS):
        generator = torch.Generator().manual_seed(number)
        trained = {**homework.head, **homework.upper}
        moved = {
            name: tensor + 1e-3 * torch.randn(tensor.shape, generator=generator)
            for name, tensor in trained.items()
        }
        files = dict(homework.files, **{"model.safetensors": save(moved), "whose.txt": student})
        if number == 2:
            files["model.safetensors"] = b"PK\x03\x04"
        if number > 4:
            del files["model.safetensors"]
        if number == 4:
            files["results.json"] = b'{"test_accuracy": 0.25, "test_images": 24}'
        commit(folder / student, files)
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("student", "url"), *((each, folder / each) for each in STUDENTS)])


def grade(folder: Path, homework: Homework, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *class_command(folder, name), "--weights",
         str(homework.weights), "--device", "cpu", *arguments],
        capture_output=True, text=True, check=False, timeout=300,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / f"cache-{name}")},
    )  # fmt: skip


@contextlib.contextmanager
def two_machines(watch: Path, cache: Path) -> Iterator[Cluster]:
    temporary = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # Ray's sockets want a short path
    path = os.pathsep.join([str(watch), str(ROOT)])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.course.two_machines"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(watch / "cluster.log").open("wb"), cwd=ROOT,
        env=os.environ | {"RAY_TMPDIR": temporary, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": path},
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout
        try:
            told = process.stdout.readline()
            log = (watch / "cluster.log").read_text()
            if "timed out during startup" in log:
                pytest.skip("Ray gave up: on a machine this busy its agents need more than its 15 seconds")
            assert told, log
            yield Cluster(**json.loads(told))
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            for left in of_cluster(temporary):
                os.kill(left, signal.SIGKILL)
            shutil.rmtree(temporary, ignore_errors=True)


def of_cluster(temporary: str) -> list[int]:
    """The processes that belong to it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"RAY_TMPDIR={temporary}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


@pytest.mark.skipif(not importlib.util.find_spec("ray.cluster_utils"), reason="ray is not installed here")
def test_a_class_loses_nothing_with_a_machine_of_its_cluster(homework: Homework, tmp_path: Path) -> None:
    submissions(homework, tmp_path)
    here = grade(tmp_path, homework, "here", "-j", "2")
    assert here.returncode == 0, here

    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCHED)
    with two_machines(watch, tmp_path / "cache-there") as cluster:
        (watch / "victim").write_text(str(cluster.second))
        there = grade(tmp_path, homework, "there", "--runner", cluster.client)
    assert there.returncode == 0, there

    gradebooks = [
        (tmp_path / name / "small" / "gradebook.csv").read_text("utf-8-sig") for name in ("here", "there")
    ]
    assert gradebooks[0] == gradebooks[1]
    assert Counter(line["outcome"] for line in csv.DictReader(gradebooks[1].splitlines())) == {
        "passed": 3, "failed": 7,
    }  # fmt: skip
    notes = Counter((watch / "notes").read_text().split("\n")[:-1])
    assert {student: notes[f"end {student}"] for student in STUDENTS} == dict.fromkeys(STUDENTS, 1)
    begun = sorted(notes[f"begin {student}"] for student in STUDENTS)
    assert begun == [1] * 9 + [2], "only the one whom the lost machine was measuring was begun again"
    assert len(list((tmp_path / "there" / "small").glob("*.json"))) == 10
