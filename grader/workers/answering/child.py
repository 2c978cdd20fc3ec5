"""A child of the warm process: one submission, imported and called. What happens here is the student's."""

import ast
import json
import os
import random
import re
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import numpy.random  # once, not in each child

from . import alone, values
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

    alone.stay_alone()
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
    """The names that the file defines (None where it is no Python), and the first thing that went wrong."""
    path = folder / main
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    sys.path[:0] = list(dict.fromkeys((str(path.parent), str(folder))))
    os.chdir(path.parent)
    text = path.read_text(encoding="utf-8")
    first: Mapping[str, Any] = {}
    parsed = 0
    for part in json.loads(text) if cells else [text]:
        try:
            tree = ast.parse(part, str(path))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as raised:
            first = first or _raised(raised, str(path))
            continue
        parsed += 1
        # Of a notebook only what defines something: its experiments are not asked for.
        statements = [each for each in tree.body if not cells or isinstance(each, DEFINITIONS)]
        trouble = _executed(statements, str(path), module)
        first = first or trouble
    return (module.__dict__ if parsed else None), first


def _executed(statements: Sequence[ast.stmt], name: str, module: types.ModuleType) -> Mapping[str, Any]:
    """Runs them in the module: one that raises, such as an import for plots, keeps no other from it."""
    future = [each for each in statements if isinstance(each, ast.ImportFrom) and each.module == "__future__"]
    first: Mapping[str, Any] = {}
    for each in statements:
        try:
            exec(compile(ast.Module([*future, each], []), name, "exec"), module.__dict__)
        except BaseException as raised:  # noqa: BLE001 - SystemExit too: whatever it is, it is an answer
            first = first or _raised(raised, name)
    return first


def _called(functions: Mapping[str, Any], call: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    function = functions.get(call["function"])
    if not callable(function):
        return {"absent": True}
    line = getattr(getattr(function, "__code__", None), "co_firstlineno", 0)
    _seed(call["seed"])
    try:
        found = [_answer_of(function, call["arguments"]) for _ in range(call["times"] or 1)]
        return {"line": line, "value": found if call["times"] else found[0]}
    except BaseException as raised:  # noqa: BLE001 - as above
        return {"defined": line, **_raised(raised, name)}


def _answer_of(function: Callable[..., Any], arguments: Any) -> Any:
    given = values.decoded(arguments)
    with numpy.errstate(all="ignore"):
        return values.answered(function(**given))


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
    refused = _refused(raised)
    kind, said = ("refused", refused) if refused else ("raised", f"{type(raised).__name__}: {raised}")
    return {kind: said[:MESSAGE], "line": lines[-1] if lines else 0}


def _refused(raised: BaseException) -> str:
    """What was refused, also where a compiler made an error of its own of it; "" where nothing was."""
    found: BaseException | None = raised
    while found is not None and not isinstance(found, Refused):
        found = found.__cause__ or found.__context__
    if found is not None:
        return str(found)
    told = re.search(rf"\b{Refused.__name__}: (.+)", str(raised))
    return told[1] if told and isinstance(raised, RuntimeError) else ""
