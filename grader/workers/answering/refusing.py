"""Layers and functions that would do a lab's exercise, refused by name however they are reached.

PyTorch is refused below Python, where its operators are looked up: a copy of a layer's source, `getattr` and
`torch._VF` all end there. Keras and TensorFlow are prepared in the moment in which they are imported.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Groups of names, as a lab's assignment.toml refuses them. Words of PyTorch's operators; paths of the others.
OPERATORS = {
    "recurrent": ("lstm", "gru", "rnn"),
    "dropout": ("aten::dropout", "native_dropout", "alpha_dropout", "feature_dropout"),
}
PATHS = {
    "recurrent": (
        "keras.layers.RNN", "keras.layers.SimpleRNN", "keras.layers.LSTM", "keras.layers.GRU",
        "keras.layers.SimpleRNNCell", "keras.layers.LSTMCell", "keras.layers.GRUCell",
        "keras.layers.Bidirectional", "keras.layers.StackedRNNCells", "keras.layers.TimeDistributed",
        "tensorflow.raw_ops.BlockLSTM", "tensorflow.raw_ops.BlockLSTMV2", "tensorflow.raw_ops.LSTMBlockCell",
        "tensorflow.raw_ops.CudnnRNN", "tensorflow.raw_ops.GRUBlockCell",
    ),
    "dropout": (
        "keras.layers.Dropout", "keras.random.dropout", "tensorflow.nn.dropout",
        "tensorflow.nn.experimental.stateless_dropout",
    ),
    "autograd": (
        "torch.autograd.forward_ad.make_dual",
        "tensorflow.GradientTape", "tensorflow.gradients", "tensorflow.autodiff.ForwardAccumulator",
    ),
    "clipping": (
        "torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_norm", "torch.nn.utils.clip_grad_value_",
        "torch.nn.utils.get_total_norm", "torch.nn.utils.clip_grads_with_norm_",
        "torch.nn.utils.clip_grad.clip_grad_norm_", "torch.nn.utils.clip_grad.clip_grad_norm",
        "torch.nn.utils.clip_grad.clip_grad_value_", "torch.nn.utils.clip_grad.get_total_norm",
        "torch.nn.utils.clip_grad.clip_grads_with_norm_", "torch.nn.utils.clip_grad._get_total_norm",
        "tensorflow.clip_by_global_norm", "tensorflow.clip_by_norm", "tensorflow.linalg.global_norm",
    ),
}  # fmt: skip
Prepare = Callable[[str, Sequence[str]], None]  # a package by its name, and the groups that are refused
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
    wanted: Mapping[str, Prepare] = {
        "torch": _prepare_torch,
        "keras": _prepare_keras,
        "tensorflow": _refuse_paths,
    }
    sys.meta_path.insert(0, Watching(wanted, groups))
    for name in preload:
        if importlib.util.find_spec(name) is not None and (on_torch or name != "keras"):
            importlib.import_module(name)


def _prepare_torch(name: str, groups: Sequence[str]) -> None:
    """float64 and one thread, as threads do not survive a fork."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    words = [word for group in groups for word in OPERATORS.get(group, ())]
    library = torch.library.Library("aten", "IMPL")
    for operator in torch._C._dispatch_get_all_op_names():
        if operator.startswith("aten::") and any(word in operator for word in words):
            for key in KEYS:
                try:
                    library.impl(operator.removeprefix("aten::"), _refusal(_of_operator(operator)), key)
                except RuntimeError:  # it has no kernel of this kind
                    continue
    torch._refusing = library  # what was registered lives as long as this
    _refuse_paths(name, groups)
    if "autograd" in groups:
        torch.autograd.Variable._execution_engine = Engine()
    _refuse_paths("torch", groups)


def _of_operator(name: str) -> str:
    return "torch." + name.removeprefix("aten::").partition(".")[0]


def _prepare_keras(name: str, groups: Sequence[str]) -> None:
    import keras

    keras.config.set_floatx("float64")
    _refuse_paths(name, groups)


def _refuse_paths(package: str, groups: Sequence[str]) -> None:
    for path in (path for group in groups for path in PATHS.get(group, ())):
        *owners, last = path.split(".")
        owner = sys.modules.get(owners[0]) if owners[0] == package else None
        for each in owners[1:]:
            owner = getattr(owner, each, None)
        found = getattr(owner, last, None)
        if isinstance(found, type):  # a class may have been imported elsewhere: it is refused itself
            found.__init__ = _refusal(path)  # type: ignore[misc]
        elif found is not None:
            setattr(owner, last, _refusal(path))


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(_self: object = None, *_: object, **__: object) -> Any:  # Keras looks for the first one
        raise Refused(name)

    return refuse


class Engine:
    """In place of the one that walks PyTorch's graph backwards."""

    def run_backward(self, *_: object, **__: object) -> Any:
        raise Refused("the automatic gradients of torch")


class Watching:
    """Finds packages as ever, and prepares some of them as soon as they are imported."""

    def __init__(self, wanted: Mapping[str, Prepare], groups: Sequence[str]) -> None:
        self._wanted = wanted
        self._groups = groups

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self._wanted:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute, prepared, groups = spec.loader.exec_module, self._wanted[name], self._groups

            def executed(module: Any) -> None:
                execute(module)
                prepared(name, groups)

            spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec
