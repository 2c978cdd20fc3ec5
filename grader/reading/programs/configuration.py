"""Configuration files as literal expressions: JSON, TOML, and the plain part of YAML."""

import ast
import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from grader.ground import toml
from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.programs import plain_yaml
from grader.reading.programs.sources import is_own
from grader.submission import Submission

FILES = 50
BYTES = 100_000  # of one file
DEPTH = 20

READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": partial(toml.parse, name=""),
    ".yaml": plain_yaml.read,
    ".yml": plain_yaml.read,
}


def settings(submission: Submission) -> Mapping[str, ast.expr]:
    """By path; a file that cannot be read is left out."""
    kinds = (path for path in sorted(submission.sizes) if PurePosixPath(path).suffix in READERS)
    paths = [path for path in kinds if is_own(path) and submission.sizes[path] <= BYTES]
    found = {path: _file(submission, path) for path in paths[:FILES]}
    return {path: tree for path, tree in found.items() if tree is not None}


def _file(submission: Submission, path: str) -> ast.expr | None:
    try:
        text = texts.decode(submission.read(path, BYTES))
        content = READERS[PurePosixPath(path).suffix](text.content) if text else None
    except (SubmissionError, NotMeasured, ValueError, RecursionError):
        return None
    return _literal(content) if isinstance(content, dict) else None


def _literal(content: Any, depth: int = DEPTH) -> ast.expr:
    """As if it stood in the program; what has no literal, or lies too deep, is None."""
    if isinstance(content, dict) and depth:
        keys: list[ast.expr | None] = [ast.Constant(key) for key in content]
        return ast.Dict(keys, [_literal(value, depth - 1) for value in content.values()])
    if isinstance(content, list) and depth:
        return ast.List([_literal(each, depth - 1) for each in content], ast.Load())
    if isinstance(content, float) and not math.isfinite(content):
        return ast.Constant(None)
    return ast.Constant(content if isinstance(content, bool | int | float | str) else None)
