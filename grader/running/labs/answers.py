"""Lets submissions answer in the sandbox: a child for each, of one process that has imported PyTorch."""

import json
import shutil
import struct
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from grader import sandbox
from grader.ground.errors import NotMeasured
from grader.running.labs.work import Work
from grader.submission import Submission
from grader.workers import answering

LENGTH = struct.Struct(">I")
START_SECONDS = 120  # to import PyTorch on a busy machine
OUTPUT = 24 << 20  # bytes of one submission's answer on the way, at most
PROGRAM = "answering"
PRELOADED = {"torch": ("torch", "keras"), "keras": ("keras",)}  # packages, by words of sources that want them
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Terms(Struct, frozen=True):
    """What is asked, which groups of layers are refused, and what one submission may use."""

    calls: Raw
    refused: tuple[str, ...]
    seconds: float
    memory: int


class Answer(Struct, frozen=True):
    """`ended`: how the process ended before it had answered everything; "" where it had."""

    ended: str
    seconds: float
    content: bytes


def given(submission: Submission, group: Sequence[Work], terms: Terms) -> list[Answer]:
    """What each of the group answers, in the surroundings of `submission`.

    Raises:
        NotMeasured: no sandbox here, no NumPy, or the process itself was lost.
    """
    code = Path(tempfile.mkdtemp(dir=submission.surroundings.scratch))
    shutil.copytree(
        next(iter(answering.__path__)), code / PROGRAM, ignore=shutil.ignore_patterns("__pycache__")
    )
    unsafe = submission.surroundings.unsafe
    emptied = "/out" if unsafe else "/out:/tmp:/dev/shm"  # in the sandbox all of these are its own
    program = sandbox.Program(
        argv=("python", "-s", "-m", PROGRAM),
        code=code,
        output=Path(tempfile.mkdtemp(dir=submission.surroundings.scratch)),
        python=submission.surroundings.python or Path(sys.prefix),
        environment={**ONE_THREAD, "ANSWERING_SCRATCH": "/out", "ANSWERING_EMPTIES": emptied},
        stdin=b"".join(_frames(group, terms)),
    )
    limits = sandbox.Limits(
        seconds=START_SECONDS + terms.seconds * len(group),
        cpu_seconds=int(START_SECONDS + terms.seconds * len(group)),
        memory=terms.memory + (2 << 30),
        file_size=64 << 20,
        output=OUTPUT * len(group),
    )
    ended = sandbox.run_program(program, limits=limits, unsafe=unsafe)
    found = _read(ended.stdout)
    if len(found) != len(group):
        raise NotMeasured(f"the process that runs labs was lost: {_in_words(ended)}")
    return found


def _frames(group: Sequence[Work], terms: Terms) -> list[bytes]:
    text = "".join(text for each in group for text in each.files.values())
    opening = {
        "preload": [name for name, words in PRELOADED.items() if any(map(text.__contains__, words))],
        "refused": terms.refused,
        "seconds": terms.seconds,
        "cpu_seconds": max(1, int(terms.seconds)),
        "memory": terms.memory,
    }
    contents = [json.dumps(opening).encode()]
    for each in group:
        frame = {"files": each.files, "main": each.main, "cells": each.is_notebook, "calls": terms.calls}
        contents.append(msgspec.json.encode(frame))
    return [LENGTH.pack(len(content)) + content for content in contents]


def _read(stdout: bytes) -> list[Answer]:
    try:
        return [msgspec.json.decode(line, type=Answer) for line in stdout.splitlines()]
    except msgspec.MsgspecError:
        return []


def _in_words(ended: sandbox.Ended) -> str:
    if ended.reason != "exited":
        return ended.reason
    lines = ended.stderr.strip().splitlines() or ["it said nothing"]
    return f"status {ended.status}, {lines[-1][:200]}"
