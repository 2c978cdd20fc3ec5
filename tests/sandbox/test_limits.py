"""Programs that want too much of something. Each is contained within its limit, and nothing is left of it."""

import os
import signal
import time

import pytest

from grader import sandbox
from grader.sandbox import Limits, Worker

from .conftest import PATIENCE, Workshop, as_account, processes_with

MiB = 1 << 20

FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
SLEEPERS = """
import os, time
count = 0
while True:
    try: child = os.fork()
    except OSError: break
    if child == 0: time.sleep(600)
    count += 1
print(count)
"""
DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 32):
            try: signal.signal(number, signal.SIG_IGN)
            except OSError: pass
        for descriptor in range(3): os.close(descriptor)
        time.sleep(600)
    os._exit(0)
os.wait()
time.sleep(float(sys.argv[2]))
"""


def test_a_fork_bomb_ends_with_its_time(workshop: Workshop) -> None:
    ended = workshop.run(FORK_BOMB, Limits(seconds=1.5, processes=50))
    assert ended.reason == "timed out"
    assert ended.status is None
    assert workshop.survivors() == []


def test_a_worker_whose_time_is_up_before_it_starts_has_timed_out() -> None:
    for seconds in (0.0, 0.002, 0.02):
        ended = sandbox.run_worker(Worker(module="probe", request=b"{}"), limits=Limits(seconds=seconds))
        assert (ended.reason, ended.status) == ("timed out", None)


def test_processes_are_counted_for_each_sandbox(workshop: Workshop) -> None:
    ended = workshop.run(SLEEPERS, Limits(processes=50))
    assert ended.reason == "exited"
    assert 40 <= int(ended.stdout) <= 50
    assert workshop.survivors() == []


@pytest.mark.parametrize("seconds", ["0", "60"], ids=["the program ends", "the program waits"])
def test_a_daemon_ends_with_its_program(workshop: Workshop, seconds: str) -> None:
    ended = workshop.run(DAEMON, Limits(seconds=1), seconds)
    assert ended.reason == ("exited" if seconds == "0" else "timed out")
    assert workshop.survivors() == []


def test_nothing_outlives_a_grader_that_is_killed(workshop: Workshop) -> None:
    child = os.fork()
    if child == 0:
        workshop.run(DAEMON, Limits(seconds=600), "600")
        os._exit(0)
    until = time.monotonic() + PATIENCE
    while len(processes_with(workshop.token)) < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    graders = [child] if workshop.account is None else [child, *_children(child)]
    for grader in graders:
        os.kill(grader, signal.SIGKILL)
    os.waitpid(child, 0)
    assert workshop.survivors() == []


def _children(process: int) -> list[int]:
    """The forked half of `as_account`, where there is one, is the process that grades."""
    with open(f"/proc/{process}/task/{process}/children") as stream:
        return [int(child) for child in stream.read().split()]


def test_one_process_that_takes_too_much_memory(workshop: Workshop) -> None:
    ended = workshop.run("x = bytearray(1 << 30); print(len(x))", Limits(memory=128 * MiB))
    assert ended.reason == "out of memory" or "MemoryError" in ended.stderr
    assert ended.stdout == b""


def test_memory_is_counted_for_all_processes_together(workshop: Workshop) -> None:
    source = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        x = bytearray(os.urandom(1 << 20)) * 60
        time.sleep(600)
time.sleep(600)
"""
    ended = workshop.run(source, Limits(memory=256 * MiB))
    assert ended.reason == "out of memory"
    assert workshop.survivors() == []


def test_shared_memory_counts(workshop: Workshop) -> None:
    source = """
import mmap
shared = mmap.mmap(-1, 1 << 30)
for place in range(0, 1 << 30, 4096): shared[place] = 1
print("all of it")
"""
    ended = workshop.run(source, Limits(memory=128 * MiB))
    assert ended.reason == "out of memory"
    assert ended.stdout == b""


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_temporary_files_are_bounded(workshop: Workshop, folder: str) -> None:
    source = """
import sys
written = 0
try:
    for number in range(100):
        with open(f"{sys.argv[2]}/{number}", "wb", buffering=0) as stream:
            written += stream.write(bytes(1 << 20))
except OSError as error:
    print(error.errno)
print(written)
"""
    ended = workshop.run(source, Limits(disk=20 * MiB), folder)
    errno, written = ended.stdout.split()
    assert int(errno) == 28  # ENOSPC
    assert 15 * MiB <= int(written) <= 20 * MiB


def test_a_million_empty_files_are_contained(workshop: Workshop) -> None:
    source = """
for number in range(10_000_000):
    open(f"/tmp/{number}", "w").close()
"""
    ended = workshop.run(source, Limits(seconds=3, memory=100 * MiB))
    assert ended.reason in ("out of memory", "timed out")
    assert workshop.survivors() == []


@pytest.mark.parametrize("size", [0, 1 << 18], ids=["empty files", "large files"])
def test_an_output_folder_is_bounded(workshop: Workshop, size: int) -> None:
    output = workshop.folder / "results"
    output.mkdir()
    source = """
import sys
for number in range(1_000_000):
    with open(f"/out/{number}", "wb") as stream: stream.write(bytes(int(sys.argv[2])))
"""
    ended = workshop.run(source, Limits(seconds=60, disk=8 * MiB), str(size), output=output)
    assert ended.reason == "too much disk"


def test_a_file_is_bounded(workshop: Workshop) -> None:
    source = "open('/out/result', 'wb', buffering=0).write(bytes(5 << 20))"
    workshop.run(source, Limits(file_size=1 * MiB))
    assert (workshop.folder / "result").stat().st_size <= 1 * MiB


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_endless_output_ends_the_program(workshop: Workshop, stream: str) -> None:
    source = "import sys\nwhile True: getattr(sys, sys.argv[2]).write('y' * 4096)"
    ended = workshop.run(source, Limits(seconds=60, output=1 * MiB), stream)
    assert ended.reason == "too much output"
    assert len(ended.stdout) < 1.2 * MiB
    assert len(ended.stderr) < 100_000
    assert workshop.survivors() == []


def test_of_long_stderr_the_first_and_the_last_part_are_kept(workshop: Workshop) -> None:
    source = "import sys\nprint('first', 'x' * 300_000, 'last', file=sys.stderr)"
    ended = workshop.run(source)
    assert ended.stderr.startswith("first xxx")
    assert ended.stderr.endswith("xxx last\n")
    assert "bytes left out" in ended.stderr


def test_processor_time_is_bounded(workshop: Workshop) -> None:
    ended = workshop.run("while True: pass", Limits(seconds=60, cpu_seconds=1))
    assert ended.reason == "timed out"


def test_a_signal_is_told(workshop: Workshop) -> None:
    ended = workshop.run("import os; os.kill(os.getpid(), 11)")
    assert (ended.reason, ended.status) == ("signalled", None)


def test_an_exit_status_is_told(workshop: Workshop) -> None:
    ended = workshop.run("print('so far'); raise SystemExit(7)")
    assert (ended.reason, ended.status, ended.stdout) == ("exited", 7, b"so far\n")


def test_two_sandboxes_at_once_do_not_use_up_each_other(workshop: Workshop) -> None:
    def both() -> list[int]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(2) as pool:
            return [
                int(ended.stdout)
                for ended in pool.map(lambda _: workshop_here.run(SLEEPERS, Limits(processes=50)), range(2))
            ]

    workshop_here = Workshop(None, workshop.folder, workshop.token)
    (workshop.folder / "code").mkdir(mode=0o777)
    (workshop.folder / "code").chmod(0o777)
    counts = both() if workshop.account is None else as_account(workshop.account, both)
    assert all(40 <= count <= 50 for count in counts)
