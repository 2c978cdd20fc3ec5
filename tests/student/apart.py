"""A device that is not the processor, for machines that have none: run by test_devices.py, never imported.

    python apart.py data train evaluate

runs programs of the student's on the device "apart", as PyTorch lets Python code define one. It computes on
the processor, but keeps its tensors apart as a graphics card does: a step that mixes them with others fails.
As Apple's, it knows no float64. Training is interrupted after its second epoch, and started again.
"""

import importlib
import sys

import torch
from finetune.parts import checkpoint, devices
from torch.utils import _pytree as pytree
from torch.utils import backend_registration

backend_registration._setup_privateuseone_for_python_backend("apart")
DEVICE = torch.device("apart", 0)
CROSSING = ("aten._to_copy", "aten.copy_")  # what moves tensors from one device to another
FLAGS = {"train": ["--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8"]}


class Apart(torch.Tensor):
    """A tensor on the device; `inner` holds its numbers."""

    @staticmethod
    def __new__(cls, inner):
        if inner.dtype == torch.double:
            raise TypeError("this device knows no float64")
        own = torch.Tensor._make_wrapper_subclass(
            cls, inner.size(), strides=inner.stride(), dtype=inner.dtype, device=DEVICE
        )
        own.inner = inner
        return own

    def __init__(self, inner):
        pass

    def __reduce_ex__(self, protocol):
        return self.inner.__reduce_ex__(protocol)  # as torch.load(..., map_location="cpu") gives it back

    @classmethod
    def __torch_dispatch__(cls, step, _types, args=(), kwargs=None):
        parts = step.decompose(*args, **(kwargs or {}))
        return computed(step, *args, **(kwargs or {})) if parts is NotImplemented else parts


def computed(step, *args, **kwargs):
    """What a step gives: on the device if its tensors are there, or if it asks for the device."""
    tensors = [each for each in pytree.tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
    here = [each for each in tensors if isinstance(each, Apart)]
    elsewhere = [each for each in tensors if not isinstance(each, Apart) and each.dim()]
    crossing = str(step).startswith(CROSSING)
    if here and elsewhere and not crossing:
        raise RuntimeError(f"{step}: its tensors are on two devices")
    if here and crossing and kwargs.get("dtype") == torch.double:
        raise TypeError("this device knows no float64, and converts before it moves")
    wanted = kwargs.get("device")
    stays = bool(here) if wanted is None else torch.device(wanted).type == "apart"
    if wanted is not None:
        kwargs["device"] = "cpu"
    found = step(*pytree.tree_map(inner, args), **pytree.tree_map(inner, kwargs))
    if args and found is inner(args[0]):
        return args[0]  # it was changed in place
    return pytree.tree_map(outer, found) if stays else found


def inner(each):
    return each.inner if isinstance(each, Apart) else each


def outer(each):
    return Apart(each) if isinstance(each, torch.Tensor) else each


def run(name):
    sys.argv = [name, *FLAGS.get(name, [])]
    importlib.import_module(f"finetune.{name}").main()


def train_with_an_interruption():
    keep = checkpoint.Run.keep

    def keep_and_stop(own, *what):
        keep(own, *what)
        if own.epochs("upper") == 1:
            checkpoint.Run.keep = keep
            raise KeyboardInterrupt

    checkpoint.Run.keep = keep_and_stop
    try:
        run("train")
    except KeyboardInterrupt:
        run("train")


if __name__ == "__main__":
    fallback = torch.library.Library("_", "IMPL")
    fallback.fallback(computed, "PrivateUse1")
    devices.best = lambda: DEVICE
    for name in sys.argv[1:]:
        train_with_an_interruption() if name == "train" else run(name)
