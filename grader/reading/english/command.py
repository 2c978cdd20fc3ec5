"""`grader english PATH`: the check by itself, for students, as a pre-commit hook, and to be measured."""

import contextlib
import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from grader.ground.errors import GraderError
from grader.ground.verdict import Finding
from grader.reading import english
from grader.reading.english import documents
from grader.reading.english.inspection import WEAK

SKIPPED = {
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".tox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}
MESSAGE = "COMMIT_EDITMSG"  # git's name for the message of the commit that is being made
SCISSORS = ">8"  # below it git shows what changes


def run(paths: Sequence[str], settings: english.Settings = english.STANDARD, *, strict: bool = False) -> int:
    """Prints what is not English under `paths` (files and folders; `-` reads lines of JSON).

    Returns 0, or 1 where something has to be changed; with `strict` a warning counts as well. `strict` is for
    single files, as a pre-commit hook has them: the limits of a whole repository do not suit them.

    Raises GraderError: a path does not exist.
    """
    if list(paths) == ["-"]:
        return score_lines(sys.stdin, sys.stdout)
    findings = list(english.judge(english.inspect(_sources(paths), settings), settings))
    for finding in findings:
        print(_in_words(finding))
    bad = {"error", "warning"} if strict else {"error"}
    failed = any(finding.level in bad for finding in findings)
    if not failed:
        print("English: no line has to be changed")
    return int(failed)


def score_lines(source: Iterable[str], target: TextIO) -> int:
    """{"id", "text", "kind"} in, {"id", "foreign", "lang", "score"} out, one JSON object a line."""
    for number, line in enumerate(source, 1):
        if line.strip():
            asked = _asked(line, number)
            kind = "identifier" if asked.get("kind") in ("identifier", "path") else "text"
            found = english.score(asked["text"], kind)  # type: ignore[arg-type]
            answer = {
                "id": asked["id"],
                "foreign": found.foreign >= WEAK,
                "lang": found.language or None,
                "score": found.foreign,
            }
            target.write(json.dumps(answer) + "\n")
    return 0


def _asked(line: str, number: int) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        asked = json.loads(line)
        if isinstance(asked, dict) and "id" in asked and isinstance(asked.get("text"), str):
            return asked
    raise GraderError(f'line {number} is not {{"id": ..., "text": "..."}}, as `grader english -` reads it')


def _in_words(finding: Finding) -> str:
    where = f"{finding.where}: " if finding.where else ""
    hint = f"\n    {finding.hint}" if finding.hint else ""
    return f"{where}{finding.level}: {finding.message}{hint}"


def _sources(paths: Sequence[str]) -> english.Sources:
    root = Path(paths[0]) if len(paths) == 1 and Path(paths[0]).is_dir() else Path()
    found = _files(paths)
    files = {
        file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix(): file
        for file in found
        if file.name != MESSAGE
    }
    return english.Sources(
        sizes={name: file.stat().st_size for name, file in files.items()},
        read=lambda name: files[name].read_bytes(),
        document_text=documents.text_of,
        commits=[("message", _message(file)) for file in found if file.name == MESSAGE],
    )


def _message(file: Path) -> str:
    """What git will keep of it: neither its own remarks, which speak the user's language, nor the changes."""
    lines = file.read_text("utf-8", errors="replace").splitlines()
    own = itertools.takewhile(lambda line: not (line.startswith("#") and SCISSORS in line), lines)
    return "\n".join(line for line in own if not line.startswith("#"))


def _files(paths: Sequence[str]) -> list[Path]:
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if not SKIPPED & set(file.relative_to(path).parts) and _is_file(file)
            )
        elif _is_file(path):
            found.append(path)
        else:
            raise GraderError(f"{name} is neither a file nor a folder")
    return found


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
