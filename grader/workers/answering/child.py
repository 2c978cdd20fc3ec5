"""A child of the warm process: one submission, imported and called. What happens here is the student's."""

import ast
import json
import os
import random
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import numpy.random  # once, not in each child

from . import values
from .refusing import Refused

MESSAGE = 300  # characters of what an exception says
DEFINITIONS = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AsyncFunctionDef
)  # fmt: skip


def answer(question: int, writing: int) -> None:
    """Reads the submission, calls what is asked, and writes a line of JSON for each call.

    The submission: "files", its texts by path, "main", the path of the one with the functions, "cells",
    whether that was a notebook, and "calls". The first line tells how importing went.
    """
    with os.fdopen(question, "rb") as pipe:
        submission = json.loads(pipe.read())
    out = os.fdopen(writing, "wb")

    def tell(line: Mapping[str, Any]) -> None:
        out.write(json.dumps(line).encode() + b"\n")
        out.flush()

    folder = _unpacked(submission["files"])
    main = submission["main"]
    functions, trouble = _imported(folder, main, submission["cells"])
    tell(trouble)
    if functions is not None:
        for call in submission["calls"]:
            tell(_called(functions, call, str(folder / main)))


def _unpacked(files: Mapping[str, str]) -> Path:
    folder = Path(tempfile.mkdtemp(dir=os.environ.get("ANSWERING_SCRATCH")))
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


def _imported(folder: Path, main: str, cells: bool) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """The names that the file defines, and what went wrong: of a notebook the first cell that broke."""
    path = folder / main
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    sys.path[:0] = list(dict.fromkeys((str(path.parent), str(folder))))
    os.chdir(path.parent)
    if not cells:
        trouble = _executed(path.read_text(encoding="utf-8"), str(path), module)
        return (None if trouble else module.__dict__), trouble
    first: Mapping[str, Any] = {}
    for text in json.loads(path.read_text(encoding="utf-8")):
        trouble = _executed(text, str(path), module, only_definitions=True)
        first = first or trouble
    return module.__dict__, first


def _executed(
    text: str, name: str, module: types.ModuleType, *, only_definitions: bool = False
) -> Mapping[str, Any]:
    """Runs it in the module. Of a notebook only what defines something: its experiments are not asked for."""
    try:
        tree = ast.parse(text, name)
        if only_definitions:
            tree.body = [each for each in tree.body if isinstance(each, DEFINITIONS)]
        exec(compile(tree, name, "exec"), module.__dict__)
    except BaseException as raised:  # noqa: BLE001 - SystemExit too: whatever it is, it is an answer
        return _raised(raised, name)
    return {}


def _called(functions: Mapping[str, Any], call: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    function = functions.get(call["function"])
    if not callable(function):
        return {"absent": True}
    line = getattr(getattr(function, "__code__", None), "co_firstlineno", 0)
    _seed(call["seed"])
    arguments = values.decoded(call["arguments"])
    try:
        return {"line": line, "value": values.answered(_call(function, arguments))}
    except BaseException as raised:  # noqa: BLE001 - as above
        return {"defined": line, **_raised(raised, name)}


def _call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    with numpy.errstate(all="ignore"):
        return function(**arguments)


def _seed(seed: int) -> None:
    random.seed(seed)
    numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(seed)


def _raised(raised: BaseException, name: str) -> Mapping[str, Any]:
    """What an exception says, and the last line of the student's file that it came through."""
    if isinstance(raised, SyntaxError) and raised.filename == name:
        lines: Sequence[int] = [raised.lineno or 0]
    else:
        frames = traceback.extract_tb(raised.__traceback__)
        lines = [frame.lineno or 0 for frame in frames if frame.filename == name]
    kind = "refused" if isinstance(raised, Refused) else "raised"
    said = str(raised) if kind == "refused" else f"{type(raised).__name__}: {raised}"
    return {kind: said[:MESSAGE], "line": lines[-1] if lines else 0}
