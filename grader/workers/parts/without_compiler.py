"""Imports torchvision and timm without PyTorch's compiler, whose import takes as long as all else together.

When they are imported they ask it whether an operator could be compiled, and to leave some functions alone:
of no meaning to workers, which compile nothing.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

COMPILER, UTILITIES = "torch._dynamo", "torch._dynamo.utils"


def load(name: str) -> Any:
    """The module of this name. Who imports the compiler afterwards gets the real one."""
    light = None if COMPILER in sys.modules else _light(name)
    return light or importlib.import_module(name)


def _light(name: str) -> ModuleType | None:
    """The module, or None where its version asks the compiler for more."""
    compiler, utilities = ModuleType(COMPILER), ModuleType(UTILITIES)
    vars(compiler).update(utils=utilities, disable=_as_it_is)
    vars(utilities).update(is_compile_supported=lambda _: False)
    sys.modules |= {COMPILER: compiler, UTILITIES: utilities}
    try:
        return importlib.import_module(name)
    except (ImportError, AttributeError):
        return None
    finally:
        del sys.modules[COMPILER], sys.modules[UTILITIES]


def _as_it_is(function: Callable[..., Any] | None = None, *_: object, **__: object) -> Any:
    """What `torch._dynamo.disable` makes of a function where nothing is compiled."""
    return function if function else _as_it_is
