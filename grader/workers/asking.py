"""The grader's side of a worker: asks, and turns everything that is no answer into NotMeasured."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from grader import sandbox
from grader.ground.errors import NotMeasured
from grader.sandbox import Worker
from grader.workers.messages import Unavailable

Reply = TypeVar("Reply", bound=msgspec.Struct)

ABSENT = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
PROGRESS = re.compile(r"^\0?progress (\d{1,9})/(\d{1,9})$")  # the sandbox marks the start with a zero
# What has to be installed for each worker, as an extra of this distribution.
EXTRAS = {
    "evaluate": "evaluate",
    "evaluate_class": "evaluate",
    "move_images": "evaluate",
    "probe": "evaluate",
    "find_alike": "evaluate",
    "fetch_weights": "evaluate",
    "read_document": "documents",
    "examine": "evaluate",
    "record_tests": "evaluate",
}
EXTRAS_OF_PACKAGES = {
    "onnxruntime": "onnx",
    "keras": "keras",
    "h5py": "keras",
}  # needed by a worker for some files only


def ask(
    module: str,
    request: msgspec.Struct,
    reply: type[Reply],
    *,
    paths: tuple[Sequence[Path], Path | None] = ((), None),
    limits: sandbox.Limits = sandbox.STANDARD,
) -> Reply:
    """The answer of `grader.workers.<module>`, run in the sandbox; `paths`: what it may read, where write.

    Raises:
        NotMeasured: it is not installed, ran out of time or memory, broke, or said that it cannot.
    """
    readable, writable = paths
    worker = Worker(module=module, request=msgspec.json.encode(request), readable=readable, writable=writable)
    return answer(worker, reply, limits)


def answer(worker: Worker, reply: type[Reply], limits: sandbox.Limits) -> Reply:
    """The same for a worker that is listened to. Raises NotMeasured."""
    ended = sandbox.run_worker(worker, limits=limits)
    if ended.reason != "exited":
        raise NotMeasured(f"the worker {worker.module} {_in_words(ended.reason, limits)}")
    _require_success(worker.module, ended.status, ended.stderr)
    return _read(worker.module, ended.stdout, reply)


def counted(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Hears what a worker says with `wire.progress`, and tells it as `8 of 200`."""

    def heard(line: str) -> None:
        if found := PROGRESS.search(line):
            tell(f"{found[1]} of {found[2]}")

    return heard


def ask_with_network(module: str, request: msgspec.Struct, reply: type[Reply], seconds: float) -> Reply:
    """The same for a worker that sees nothing of a submission: it runs as we do, with network and caches."""
    ended = sandbox.run_with_network(module, msgspec.json.encode(request), seconds)
    if ended.reason != "exited":
        raise NotMeasured(f"the worker {module} took more than {seconds:.0f} s")
    _require_success(module, ended.status, ended.stderr)
    return _read(module, ended.stdout, reply)


def absent(stderr: str) -> str:
    """The package that a Python program ended for the lack of, "" for none."""
    found = ABSENT.search(stderr)
    return found[1] if found else ""


def _require_success(module: str, status: int | None, stderr: str) -> None:
    package = absent(stderr) if status else ""
    if package:
        extra = EXTRAS_OF_PACKAGES.get(package, EXTRAS.get(module))
        hint = f"pip install 'smartlab-coursework[{extra}]'" if extra else ""
        raise NotMeasured(f"{package} is not installed here", hint)
    if status != 0:
        lines = stderr.strip().splitlines() or ["it said nothing"]
        raise NotMeasured(f"the worker {module} broke: {lines[-1][:300]}")


def _read(module: str, stdout: bytes, reply: type[Reply]) -> Reply:
    try:
        answer: Reply | Unavailable = msgspec.json.decode(stdout, type=reply | Unavailable)
    except msgspec.MsgspecError as error:
        raise NotMeasured(f"the worker {module} gave an answer of another form: {error}") from None
    if isinstance(answer, Unavailable):
        raise NotMeasured(answer.reason, answer.hint)
    return answer


def _in_words(reason: sandbox.Reason, limits: sandbox.Limits) -> str:
    if reason == "timed out":
        return f"took more than {limits.seconds:g} s"
    if reason == "out of memory":
        return f"needed more than {limits.memory >> 20} MiB of memory"
    return reason
