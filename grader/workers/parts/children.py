"""Work done in forked children, each of which can only cost its own answer."""

import os
import resource
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

Answer = TypeVar("Answer", bound=msgspec.Struct)


CPU_SECONDS = 900  # of one child; the others wait for it


def answers(work: Sequence[Callable[[], Answer]], kind: type[Answer], together: int) -> list[Answer | None]:
    """What each piece of work returns, in order; None where its child broke. `together` run at a time."""
    found: list[Answer | None] = []
    for start in range(0, len(work), together):
        running = [_start(piece) for piece in work[start : start + together]]
        found += [_finished(child, reading, kind) for child, reading in running]
    return found


def _start(piece: Callable[[], Answer]) -> tuple[int, int]:
    """The number of the child and the end of the pipe on which it answers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        with os.fdopen(writing, "wb") as answer:
            answer.write(msgspec.json.encode(piece()))
        os._exit(0)
    finally:  # an exception ends here: what the parent would do next is not for its children
        os._exit(1)


def _finished(child: int, reading: int, kind: type[Answer]) -> Answer | None:
    with os.fdopen(reading, "rb") as answer:
        content = answer.read()
    _, status = os.waitpid(child, 0)
    try:
        return msgspec.json.decode(content, type=kind) if status == 0 else None
    except msgspec.MsgspecError:  # a number that JSON does not have: no reason to lose the other answers
        return None
