"""Layers and functions that would do a lab's exercise, refused by name however they are reached.

Whatever PyTorch, Keras or TensorFlow define under such a name is refused when the module is executed, and
whenever it is executed again. PyTorch is refused below Python too, where its operators are looked up: a copy
of a layer's source, TorchScript and `torch._VF` all end there.
"""

import contextlib
import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import re
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

PACKAGES = ("torch", "keras", "tensorflow")
# By the groups that a lab refuses: what functions and classes are called, and then PyTorch's operators.
NAMES = {
    "recurrent": r".*(lstm|gru|rnn|Lstm|Gru|Rnn|LSTM|GRU|RNN)|Bidirectional$|TimeDistributed$",
    "dropout": r".*[Dd]ropout",
    "autograd": r"GradientTape$|ForwardAccumulator$|make_dual$|gradients(_v2)?$|gradients_function$"
    r"|val_and_grad_function$|implicit_(val_and_)?grad$|make_(val_and_grad_fn|vjp)$|imperative_grad$"
    r"|TFE_Py_(TapeGradient|ForwardAccumulator.*)$",
    "clipping": r"_*(clip_grad|clip_by_(global_|average_)?norm|get_total_norm|global_norm)",
}
OPERATORS = {
    "recurrent": ("lstm", "gru", "rnn"),
    "dropout": ("aten::dropout", "native_dropout", "alpha_dropout", "feature_dropout"),
    "autograd": ("aten::_backward",),
    "clipping": ("_foreach_norm",),
}
SHOWN = ("torch", "torch.nn", "torch.nn.functional", "torch.nn.utils", "torch.autograd.forward_ad",
         "keras.layers", "keras.random", "tensorflow", "tensorflow.nn", "tensorflow.autodiff",
         "tensorflow.raw_ops")  # fmt: skip
INSIDE = re.compile(r"\._api\.v2(\.compat\.v2)?")  # where TensorFlow keeps what it offers
METHODS = ("__init__", "__call__", "forward", "call")
KEYS = ("CPU", "AutogradCPU", "CompositeImplicitAutograd")


class Refused(RuntimeError):
    """A submission uses what the lab asks to write: its name."""


def prepare(groups: Sequence[str], preload: Sequence[str]) -> None:
    """Stands ready for packages that have layers; those of `preload` are imported at once, if installed.

    Not Keras where it would bring TensorFlow, whose threads do not survive a fork.
    """
    on_torch = importlib.util.find_spec("tensorflow") is None
    if on_torch:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.meta_path.insert(0, Watching(groups))
    for name in preload:
        if importlib.util.find_spec(name) is not None and (on_torch or name != "keras"):
            importlib.import_module(name)


def refuse(module: str, name: str) -> Any:
    """Raises Refused, with the name under which a course knows it."""
    found = getattr(sys.modules.get(module), name, None)
    known = (path for path in SHOWN if getattr(sys.modules.get(path), name, None) is found)
    raise Refused(f"{next(known, INSIDE.sub('', module))}.{name}")


def _prepare_torch(groups: Sequence[str]) -> None:
    """float64 and one thread, as threads do not survive a fork."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    words = [word for group in groups for word in OPERATORS.get(group, ())]
    library = torch.library.Library("aten", "IMPL")
    for operator in torch._C._dispatch_get_all_op_names():
        if operator.startswith("aten::") and any(word in operator for word in words):
            for key in KEYS:
                with contextlib.suppress(RuntimeError):  # it has no kernel of this kind
                    library.impl(operator.removeprefix("aten::"), _refusal(_of_operator(operator)), key)
    torch._refusing = library  # what was registered lives as long as this
    if "autograd" in groups:
        _refuse_further_gradients(torch)


def _refuse_further_gradients(torch: Any) -> None:
    """Another engine, and TorchScript, which has gradients of its own and never asks Python's engine."""
    torch.autograd.Variable._execution_engine = Engine()
    for owner, name in (
        (torch._C, "_ImperativeEngine"),
        (torch._C, "_EngineBase"),
        (sys.modules["torch.autograd.variable"], "ImperativeEngine"),
    ):
        setattr(owner, name, _refusal("the automatic gradients of torch"))
    unit = torch._C.CompilationUnit
    for name in ("__init__", "define"):
        made = _compiling(getattr(unit, name), lambda given, _: given[0].get_functions(), frames=True)
        setattr(unit, name, made)
    torch._C._jit_script_compile = _compiling(torch._C._jit_script_compile, lambda _, found: [found])


def _compiling(
    compiled: Callable[..., Any], functions: Callable[..., Sequence[Any]], *, frames: bool = False
) -> Callable[..., Any]:
    def watched(*given: Any, **named: Any) -> Any:
        if frames:
            named["_frames_up"] = named.get("_frames_up", 0) + 1  # its names are those of who calls
        found = compiled(*given, **named)
        if any(re.search(r"aten::(_?backward|grad)\(", str(each.graph)) for each in functions(given, found)):
            raise Refused("the automatic gradients of TorchScript")
        return found

    return watched


def _of_operator(name: str) -> str:
    return "torch." + name.removeprefix("aten::").partition(".")[0]


def _prepare_keras(_groups: Sequence[str]) -> None:
    """float64, which Keras otherwise takes for float32 where two tensors meet."""
    import keras

    keras.config.set_floatx("float64")
    with contextlib.suppress(ImportError, AttributeError):
        from keras.src.backend.common import dtypes

        dtypes.BIT64_TO_BIT32_DTYPE.pop("float64", None)


PREPARED: dict[str, Callable[[Sequence[str]], None]] = {"torch": _prepare_torch, "keras": _prepare_keras}


def _refuse_names(module: types.ModuleType, names: re.Pattern[str]) -> None:
    """What has such a name: its code, since others may hold it already, or else the name itself."""
    for name, found in list(vars(module).items()):
        if not names.match(name) or not _is_theirs(found):
            continue
        refusing = _named(module.__name__, name)
        if isinstance(found, type):
            _refuse_class(found, refusing)
            continue
        innermost = inspect.unwrap(found)
        try:
            innermost.__signature__ = inspect.signature(innermost)  # TensorFlow compares it with others
            innermost.__code__ = refusing.__code__
        except (AttributeError, ValueError):  # not Python's, or it holds variables of another function
            setattr(module, name, refusing)


def _refuse_class(found: type, refusing: Callable[..., Any]) -> None:
    for method in METHODS:
        if method == "__init__" or method in vars(found):
            with contextlib.suppress(TypeError):  # not Python's
                setattr(found, method, refusing)


def _is_theirs(found: Any) -> bool:
    """A function or a class of the packages that are watched. PyTorch's operators are refused elsewhere."""
    if not isinstance(found, type | types.FunctionType | types.BuiltinFunctionType):
        return False
    package = (getattr(found, "__module__", None) or "").partition(".")[0]
    return package in PACKAGES and not (package == "torch" and isinstance(found, types.BuiltinFunctionType))


def _named(module: str, name: str) -> Any:
    """A function without variables of another one, so that its code can become that of any function."""
    space: dict[str, Any] = {}
    exec(
        "def refusing(_self=None, *_, **__):\n"  # Keras looks for the first one
        f"    import sys\n    return sys.modules[{__name__!r}].refuse({module!r}, {name!r})\n",
        space,
    )
    return space["refusing"]


def _refusal(name: str) -> Callable[..., Any]:
    def refusing(*_: object, **__: object) -> Any:
        raise Refused(name)

    return refusing


class Engine:
    """In place of the one that walks PyTorch's graph backwards."""

    def run_backward(self, *_: object, **__: object) -> Any:
        raise Refused("the automatic gradients of torch")


class Watching:
    """Finds modules as ever, and looks through those of some packages as soon as they were executed."""

    def __init__(self, groups: Sequence[str]) -> None:
        self._groups = groups
        self._names = re.compile("|".join(NAMES[group] for group in groups) or "(?!)")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def executed(module: types.ModuleType) -> None:
                execute(module)
                _refuse_names(module, self._names)
                if prepare := PREPARED.get(name):
                    prepare(self._groups)

            spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec
