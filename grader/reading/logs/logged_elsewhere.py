"""Signs of a training whose numbers are not in the repository: pictures of curves, dashboards, widgets."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import notebooks, texts
from grader.submission import Submission

SOURCE_LIMIT = 2_000_000  # bytes
SOURCES_LIMIT = 200

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".svg", ".webp"})
LOG = re.compile(r"\.log$|tfevents|(?:log|history|train).{0,40}\.(?:txt|csv|jsonl?|out)$", re.IGNORECASE)
CURVE = re.compile(
    r"(?<![a-z0-9])(?:loss|acc|accuracy|curves?|history|training|learning_curve|metrics)(?![a-z])"
)
DASHBOARD = re.compile(
    r"^\s*(?:import|from)\s+(wandb|comet_ml|neptune|mlflow|clearml|aim|dagshub)\b", re.MULTILINE
)


def signs(submission: Submission) -> tuple[str, ...]:
    """What shows that a training was logged elsewhere, each in a few words with its place; ten at most."""
    return tuple(dict.fromkeys([*_pictures(submission), *_dashboards(submission)]))[:10]


def removed(submission: Submission) -> tuple[str, ...]:
    """Notebooks and logs of earlier commits, by their names: the first, and how many there are."""
    found = [
        f"{path} (deleted in {commit})"
        for path, commit in submission.removed.items()
        if path.endswith(".ipynb") or LOG.search(PurePosixPath(path).name)
    ]
    return (*found[:2], *([f"{len(found) - 2} more"] if len(found) > 2 else []))


def _pictures(submission: Submission) -> Iterator[str]:
    for path in sorted(submission.sizes):
        pure = PurePosixPath(path)
        if pure.suffix.lower() in PICTURES and CURVE.search(pure.stem.lower().replace("_", " ")):
            yield f"a picture ({path})"


def _dashboards(submission: Submission) -> Iterator[str]:
    sizes = submission.sizes
    sources = [
        path for path in sorted(sizes) if path.endswith((".py", ".ipynb")) and sizes[path] <= SOURCE_LIMIT
    ]
    for path in sources[:SOURCES_LIMIT]:
        try:
            yield from _signs(path, submission.read(path))
        except (SubmissionError, NotMeasured, ValueError):
            continue  # what cannot be read shows nothing


def _signs(path: str, content: bytes) -> Iterator[str]:
    if path.endswith(".py"):
        text = texts.decode(content)
        found = DASHBOARD.search(text.content) if text else None
        if found:
            yield f"a dashboard ({found[1]}, imported in {path})"
        return
    for cell in notebooks.parse(content).cells:
        found = DASHBOARD.search(cell.source)
        if found:
            yield f"a dashboard ({found[1]}, imported in {path}#c{cell.number})"
        if any(output.widget for output in cell.outputs):
            yield f"a progress widget ({path}#c{cell.number})"
