"""torchvision and timm without torch's compiler, which their import loads and no worker of ours uses.

torchvision 0.29 imports `torch._dynamo.utils` for one question that its detection operators ask, timm 1.0 for
the decorator `torch.compiler.disable`. It is a third to half of a worker's cost before its first image.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch

COMPILER = "torch._dynamo"
ASKED = "torch._dynamo.utils"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Around the imports of torchvision and timm. What they use of the compiler is loaded when it is called;
    a name that this does not know is imported as ever.
    """
    if COMPILER in sys.modules:
        yield
        return
    disable = torch.compiler.disable
    sys.modules[ASKED] = _StandIn(ASKED)
    torch.compiler.disable = _not_compiled
    try:
        yield
    finally:
        torch.compiler.disable = disable
        if isinstance(sys.modules.get(ASKED), _StandIn):
            del sys.modules[ASKED]


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _later if name == "is_compile_supported" else getattr(_real(), name)


def _later(device_type: str) -> bool:
    return bool(_real().is_compile_supported(device_type))


def _real() -> Any:
    if isinstance(sys.modules.get(ASKED), _StandIn):
        del sys.modules[ASKED]
    import torch._dynamo.utils

    return torch._dynamo.utils


def _not_compiled(fn: Any = None, **_: Any) -> Any:
    """What `torch.compiler.disable` does to a function that nobody compiles: nothing."""

    def same(function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    return same if fn is None else fn
