"""Runs programs in the sandbox for real, as the account that runs the tests and, where that is root, also as
an ordinary one: the two are kept in by different means."""

import contextlib
import os
import pickle
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from grader import sandbox
from grader.sandbox import Ended, Limits, Program, which
from grader.sandbox.process import NotStarted

Value = TypeVar("Value")

ORDINARY = 23456  # a user id that nothing on this machine has
PYTHON = Path("/usr/bin/python3")  # can be started by every account, wherever the tests' own interpreter lies
PATIENCE = 60.0  # seconds that a busy machine may take for what it does at once


class Workshop(msgspec.Struct):
    """Starts hostile programs. `account` is None for the one that runs the tests."""

    account: int | None
    folder: Path  # for everybody to read and write
    token: str  # stands in the command line of every process that a program starts

    def run(
        self, source: str, limits: Limits | None = None, *arguments: str, output: Path | None = None
    ) -> Ended:
        code = self.folder / "code"
        code.mkdir(exist_ok=True)
        (code / "program.py").write_text(source)
        if output is None:
            output = self.folder / "result"
            output.write_bytes(b"")
        if self.account is not None:
            os.chown(output, self.account, self.account)
        argv = ("python3", "program.py", self.token, *arguments)
        program = Program(argv=argv, code=code, output=output)
        return self.call(lambda: sandbox.run_program(program, limits=limits or Limits()))

    def call(self, function: Callable[[], Value]) -> Value:
        return function() if self.account is None else as_account(self.account, function)

    def survivors(self) -> list[int]:
        """Processes of this machine that a program of this workshop started, after a moment to die in."""
        until = time.monotonic() + PATIENCE
        while (alive := processes_with(self.token)) and time.monotonic() < until:
            time.sleep(0.02)
        return alive


def as_account(account: int, function: Callable[[], Value]) -> Value:
    """`function()` in a forked process that has given up root for good. Its exceptions are raised here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            os.setgroups([])
            os.setresgid(account, account, account)
            os.setresuid(account, account, account)
            try:
                answer: tuple[Value | None, Exception | None] = (function(), None)
            except Exception as error:  # noqa: BLE001 - handed to the test
                answer = (None, error)
            with os.fdopen(writing, "wb") as stream:
                pickle.dump(answer, stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        content = stream.read()
    os.waitpid(child, 0)
    value, trouble = pickle.loads(content)
    if trouble:
        raise trouble
    return value  # type: ignore[no-any-return]


def processes_with(token: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(process.name) != os.getpid() and token.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def missing() -> str:
    """Why no hostile program can be run here, "" where it can."""
    if sys.platform != "linux":
        return "hostile programs are run on Linux only"
    try:
        which.bubblewrap()
    except NotStarted as why:
        return str(why)
    if not PYTHON.exists():
        return f"there is no {PYTHON}, which the hostile programs are written for"
    return ""


ACCOUNTS = [None, ORDINARY] if os.geteuid() == 0 else [None]


@pytest.fixture(params=ACCOUNTS, ids=lambda account: "ordinary" if account else "here")
def workshop(request: pytest.FixtureRequest) -> Iterator[Workshop]:
    account: int | None = request.param
    if reason := missing() if account is None else as_account(account, missing):
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))  # pytest's own folders are closed to other accounts
    folder.chmod(0o777)
    yield Workshop(account, folder, f"token-{uuid.uuid4().hex}")
    shutil.rmtree(folder)
