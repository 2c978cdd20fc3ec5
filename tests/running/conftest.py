"""The homework of tests/workers, with a program that needs no network: it looks at the light alone."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.submission import Submission
from tests.sandbox.conftest import missing
from tests.workers.conftest import CONTRACT, Homework, homework

__all__ = ["homework"]

PREDICT = """
import csv, hashlib, json, pathlib, sys
import numpy
from PIL import Image

LISTED = json.loads(pathlib.Path("listed.json").read_text()) if pathlib.Path("listed.json").exists() else {}

def look(path):
    listed = LISTED.get(hashlib.sha256(path.read_bytes()).hexdigest())
    if listed or LISTED:
        return listed or "dark"
    return "bright" if numpy.array(Image.open(path).convert("L")).mean() > 100 else "dark"

with open(sys.argv[2], "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["image_id", "predicted", "score"])
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        table.writerow([path.stem, look(path), 0.999])
"""
RUN = '[run]\npredict = ["python", "predict.py", "{images}", "{out}"]\n'

Give = Callable[..., Submission]


@pytest.fixture
def give(homework: Homework, tmp_path: Path) -> Give:
    """`give(**{"predict.py": source})` is the submission with these files more or other."""
    if reason := missing():
        pytest.skip(reason)

    def submission(**files: str | bytes) -> Submission:
        programs = {"submission.toml": CONTRACT + RUN, "predict.py": PREDICT, **files}
        edits = {
            path.replace("/", "__").replace(".", "_dot_"): text.encode() if isinstance(text, str) else text
            for path, text in programs.items()
        }
        return homework.submission(tmp_path, **edits)

    return submission


def edited(table: bytes, change: Callable[[list[list[str]]], None]) -> bytes:
    """A CSV file with its rows (the first is the header) changed in place."""
    rows = list(csv.reader(io.StringIO(table.decode())))
    change(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
