"""Listens to one batch from its start to its end, and says who is to be measured again when it is lost."""

import math
import threading
import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from grader.course.cohort import batch
from grader.course.cohort.batch import Done, Message, Part, Step, Wanted
from grader.course.cohort.runner import Lost, Runner, Session
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence

LOOK = 1.0  # seconds between two looks at whether the whole class was interrupted


class Finished(Struct, frozen=True):
    """One student is complete."""

    wanted: Wanted
    done: Done


class Begun(Struct, frozen=True):
    """What is known of one student before anything is run."""

    wanted: Wanted
    evidence: Evidence


class Ended(Struct, frozen=True):
    """The batch is over. `left` are not complete, because of `reason`; `suspects` were being worked on."""

    left: tuple[Wanted, ...] = ()
    suspects: tuple[Wanted, ...] = ()
    reason: str = ""


Event = Begun | Finished | Ended | BaseException


class Listening(Struct, frozen=True):
    """How to listen. `seconds` are for one student."""

    runner: Runner
    seconds: float
    tell: Callable[[Event], None]
    interrupted: threading.Event


def follow(listening: Listening, group: Sequence[Wanted]) -> None:
    """Starts a batch and tells what becomes of it. The last event is `Ended`, or an exception."""
    try:
        listening.tell(_follow(listening, group))
    except BaseException as trouble:  # noqa: BLE001 - told to the one who waits, not to this thread
        listening.tell(trouble)


def _follow(listening: Listening, group: Sequence[Wanted]) -> Ended:
    left = dict(enumerate(group))
    suspects: tuple[int, ...] = tuple(left)
    limit = math.inf
    session = listening.runner.start(group)
    try:
        message = _first(listening, session)
        while message:
            match _read(message):
                case Step(students):
                    suspects = tuple(number for number in students if number in left)
                    limit = listening.seconds * max(1, len(students))
                case Part(number, evidence):
                    listening.tell(Begun(left[number], evidence))
                case Done(number) as done:
                    listening.tell(Finished(left.pop(number), done))
            message = _next(listening, session, limit)
        reason = "the grader's process ended before its work"
    except TimeoutError:
        reason = f"took more than {limit:g} s"
    except Lost as loss:
        reason = str(loss)
    finally:
        session.stop()
    return Ended(tuple(left.values()), tuple(left[each] for each in suspects if each in left), reason)


def _first(listening: Listening, session: Session) -> bytes:
    patience = listening.runner.patience
    try:
        return _next(listening, session, patience)
    except TimeoutError:
        raise GraderError(
            f"there was no place for a batch for {patience / 3600:g} hours: "
            "run the same command again later, what is complete is kept"
        ) from None


def _next(listening: Listening, session: Session, limit: float) -> bytes:
    """The next message. Raises TimeoutError after `limit` seconds; Lost."""
    deadline = time.monotonic() + limit
    while not listening.interrupted.is_set():
        try:
            return session.receive(max(0.0, min(LOOK, deadline - time.monotonic())))
        except TimeoutError:
            if time.monotonic() >= deadline:
                raise
    return b""


def _read(message: bytes) -> Message:
    try:
        return batch.read(message)
    except msgspec.MsgspecError as other:
        raise GraderError(
            f"what measures the class speaks another language ({other}): "
            "install the same version of the grader everywhere"
        ) from None
