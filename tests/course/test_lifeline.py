"""Killing the command that measures a class ends everything below it, students' programs included."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import assignment
from grader.course.cohort import lifeline
from grader.course.cohort.batch import Wanted
from grader.course.cohort.processes import Processes
from grader.course.kept import Place
from grader.course.roster import Member
from grader.intake import Request
from grader.submission import Surroundings
from tests.conftest import RUBRIC
from tests.repository.building import commit

# Stands in for a check: starts a program in a session of its own, which starts another, and waits for it.
ENDLESS = """
import subprocess, sys
import grader.engine
def collect(*_):
    inner = "import os, time; open({mark!r}, 'w').write(str(os.getpid())); time.sleep(1000)"
    outer = "import subprocess as s, sys; s.run([sys.executable, '-c', sys.argv[1]], start_new_session=True)"
    subprocess.run([sys.executable, "-c", outer, inner], start_new_session=True)
grader.engine.measure_all = collect
"""


def alive(pid: int) -> bool:
    """Whether a process runs: one that ended and was not waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc to see who is alive")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_command(tmp_path: Path, number: signal.Signals) -> None:
    mark = tmp_path / "pid"
    (tmp_path / "sitecustomize.py").write_text(ENDLESS.format(mark=str(mark)))
    (tmp_path / "small.toml").write_text(RUBRIC)
    homework = commit(tmp_path / "homework", {"README.md": "hello"})
    (tmp_path / "roster.csv").write_text(f"student,url\nANN,{homework}\n")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "class", str(tmp_path / "roster.csv"), "--assignment",
         str(tmp_path / "small.toml"), "--evidence-dir", str(tmp_path / "evidence")],
        env=os.environ | {"PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    while not (mark.exists() and mark.read_text()):
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.05)
    program = int(mark.read_text())
    below = lifeline.descendants(process.pid)
    assert program in below and len(below) >= 3
    process.send_signal(number)
    process.wait()
    while alive(program) or any(map(alive, below)):  # the suite's own limit ends this, however slow we are
        time.sleep(0.05)


def test_an_interruption_reaches_no_measuring_process_not_even_while_it_starts(tmp_path: Path) -> None:
    """At a terminal Ctrl-C reaches all of them at once; only the command says a word about it."""
    (tmp_path / "small.toml").write_text(RUBRIC)
    one = Wanted(
        member=Member("ANN", ""),
        request=Request(url=str(tmp_path / "gone"), assignment="small.toml"),
        assignment=assignment.load(tmp_path / "small.toml"),
        place=Place(tmp_path / "evidence"),
    )
    session = Processes(1, Surroundings(tmp_path, tmp_path)).start([one])
    assert session.process.pid
    os.kill(session.process.pid, signal.SIGINT)
    while session.receive(60):
        pass
    session.process.join()
    session.stop()
    assert session.process.exitcode == 0
