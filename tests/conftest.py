"""Submissions made of a few files, for checks that only read."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from grader import deadlines
from grader.submission import Submission, Surroundings

Make = Callable[[Mapping[str, str | bytes]], Submission]

CONTRACT = """\
schema = 1
assignment = "hw4"
student = "ABC123"
classes = ["Coffee", "Dog"]

[data]
source = "folder"

[model]
library = "torchvision"
backbone = "resnet18"
weights = "IMAGENET1K_V1"
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


@pytest.fixture
def submit(tmp_path: Path) -> Make:
    """`submit({"README.md": "..."})` is a submission that holds these files."""

    def make(files: Mapping[str, str | bytes]) -> Submission:
        scratch, cache = tmp_path / "scratch", tmp_path / "cache"
        scratch.mkdir(exist_ok=True)
        cache.mkdir(exist_ok=True)
        nothing = deadlines.timeline(deadlines.History(branch="main", head="", commits={}), [], collected=0)
        return Submission(Folder(files), nothing, "", Surroundings(scratch=scratch, cache=cache))

    return make
