"""Reads the tensors of a file of torch.save: a pickle, so it is looked through before anything opens it.

The opcodes are read without executing one, and may name nothing but tensors and plain containers. Then
torch's own restricted reader opens a new archive with the entries that were looked at, and no tensor may be
larger than what lies in the file for it.
"""

import pickle
import pickletools
from collections.abc import Mapping, Set
from typing import Any

import torch
from torch import Tensor

from grader.workers.parts import archive, refusal, tensors
from grader.workers.parts.refusal import Refused

PICKLE_LARGEST = 8 << 20  # bytes; a thousand tensors need about 0.1 MB
WRAPPINGS = ("state_dict", "model", "model_state_dict")  # names that tensors are often wrapped in
PREFIXES = ("module.", "_orig_mod.")  # of DataParallel, and of torch.compile
NUMBERS = {
    f"torch.{kind}" for kind in "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8".split()
}

STORAGES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
NAMED = {
    "collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter",
    *(f"torch {kind}Storage" for kind in STORAGES),
}  # fmt: skip
OPCODES = frozenset(
    "PROTO STOP MARK EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 SETITEM SETITEMS "
    "APPEND APPENDS NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT BINUNICODE "
    "SHORT_BINUNICODE BINPUT LONG_BINPUT BINGET LONG_BINGET GLOBAL BINPERSID REDUCE BUILD".split()
)


def read(path: str, expected: Mapping[str, Tensor], head: Set[str]) -> dict[str, Tensor]:
    """The tensors of the file by the network's names, in the types of its own. Raises Refused."""
    entries = archive.stored(path)
    _require_tensors_only(_pickle(entries))
    try:
        loaded = torch.load(archive.written(entries), map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        EOFError,
        IndexError,
        OverflowError,
        AssertionError,
        RecursionError,
    ):
        raise Refused("is a pickle that torch.load(weights_only=True) does not open") from None
    found = _named(loaded)
    for name, tensor in found.items():
        _require_stored(name, tensor)
    described = {name: (tuple(tensor.shape), str(tensor.dtype)) for name, tensor in found.items()}
    tensors.require_fit(described, NUMBERS, expected, head)
    return tensors.as_expected({name: each.detach().contiguous() for name, each in found.items()}, expected)


def _pickle(entries: Mapping[str, bytes]) -> bytes:
    """The one pickle of the archive."""
    if any(name.endswith(".h5") for name in entries):
        raise Refused("is a Keras file, and the declared library is another")
    if any("/code/" in name or name.endswith("/constants.pkl") for name in entries):
        raise Refused("is a TorchScript program, which is code and is never opened")
    names = [name for name in entries if name.endswith(".pkl")]
    if len(names) != 1 or not names[0].endswith("/data.pkl"):
        raise Refused("is a ZIP archive, but not of torch.save")
    content = entries[names[0]]
    if len(content) > PICKLE_LARGEST:
        raise Refused(
            f"has a pickle of {len(content):,} bytes, more than the {PICKLE_LARGEST:,} that are read"
        )
    return content


def _require_tensors_only(content: bytes) -> None:
    """Raises Refused where the pickle does or names anything that tensors do not need."""
    try:
        for opcode, argument, _ in pickletools.genops(content):
            if opcode.name == "GLOBAL" and argument not in NAMED:
                name = refusal.shown(str(argument).replace(" ", "."))
                raise Refused(f"is a pickle that names {name}: all but tensors can run code")
            if opcode.name not in OPCODES:
                raise Refused(f"is a pickle with {opcode.name}, which tensors do not need: it can run code")
    except (ValueError, UnicodeError, OverflowError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("holds a pickle that is not whole") from None


def _named(loaded: Any) -> dict[str, Tensor]:
    """The tensors, taken out of what is often wrapped around them.

    Methods are those of `dict` itself: a pickle may give its dictionaries other attributes.
    """
    for wrapping in WRAPPINGS:
        inner = dict.get(loaded, wrapping) if isinstance(loaded, dict) else None
        if isinstance(inner, dict):
            loaded = inner
    if not isinstance(loaded, dict) or not dict.__len__(loaded):
        raise Refused("holds no dictionary of tensors")
    for name, value in dict.items(loaded):
        if not isinstance(name, str) or not isinstance(value, Tensor):
            kind = refusal.shown(type(value).__name__)
            raise Refused(f"holds {refusal.shown(name)}, which is no tensor but of type {kind}")
    return {_plain(name): value for name, value in dict.items(loaded)}


def _plain(name: str) -> str:
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _require_stored(name: str, tensor: Tensor) -> None:
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise Refused(
            f"holds {refusal.shown(name)} with {tensor.numel():,} values, of which few lie in the file: its"
            " strides repeat them"
        )
