"""timm with the one of its hundred modules that defines a network, and without its client of a hub.

Nothing of it is changed but what it imports: where one module does not tell, all are imported.
"""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from grader.workers.parts.quick_imports import without_compiler

MODELS = "timm.models"
HUB = "huggingface_hub"  # timm does without where it is not installed


def timm_with(backbone: str) -> ModuleType:
    """The package, whose list of networks has this one if any timm has it."""
    with without_compiler():
        if "timm" not in sys.modules:
            with _without_families(), _without_hub():
                importlib.import_module("timm")
        timm = sys.modules["timm"]
        if backbone not in timm.list_models():
            _add(backbone)
        return timm


def _add(backbone: str) -> None:
    models = sys.modules[MODELS]
    left = getattr(models.__loader__, "left", ())
    folder = Path(str(models.__file__)).parent
    defined = re.compile(rf"^def {re.escape(backbone)}\(", re.MULTILINE)
    defining = [name for name in left if _says(folder / f"{name}.py", defined)]
    names = defining if len(defining) == 1 else left
    for name in names:
        importlib.import_module(f"{MODELS}.{name}")


def _says(path: Path, pattern: re.Pattern[str]) -> bool:
    return path.is_file() and bool(pattern.search(path.read_text(encoding="utf-8")))


class _Bare(SourceFileLoader):
    """Leaves out `from .resnet import *` and the like; `left` are their names. Nothing of it is cached."""

    left: tuple[str, ...] = ()

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.get_filename(fullname)))
        stars = [each for each in tree.body if isinstance(each, ast.ImportFrom) and _is_star(each)]
        self.left = tuple(str(each.module) for each in stars)
        tree.body = [each for each in tree.body if each not in stars]
        return compile(tree, self.path, "exec")


def _is_star(statement: ast.ImportFrom) -> bool:
    return statement.level == 1 and statement.names[0].name == "*"


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == MODELS else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Bare(spec.loader.name, spec.loader.path)
        return spec


@contextmanager
def _without_families() -> Iterator[None]:
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def _without_hub() -> Iterator[None]:
    if HUB in sys.modules:
        yield
        return
    sys.modules[HUB] = None  # type: ignore[assignment]  # its import fails
    try:
        yield
    finally:
        del sys.modules[HUB]
