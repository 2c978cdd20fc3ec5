"""Reads a submission's safetensors file and compares it with the pretrained tensors, bit by bit."""

import difflib
from collections.abc import Iterator, Mapping, Set
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from grader.workers.messages import Change

PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
HOW_TO_SAVE = "save the tensors with safetensors.torch.save_file; the starter's make train does"
NUMBERS = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8"}


class Refused(ValueError):
    """The file cannot be used: one sentence about the file, without its name, and a hint."""

    def __init__(self, reason: str, hint: str = HOW_TO_SAVE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def read(path: str, expected: Mapping[str, Tensor], head: Set[str]) -> dict[str, Tensor]:
    """The tensors of the file, in the types of the network's own.

    Names, shapes and types are compared with the network's before a single tensor is read, so a file cannot
    ask for more memory than the network has.

    Raises:
        Refused: no safetensors file, or not tensors of this network, or no head in it.
    """
    with open(path, "rb") as file:
        if file.read(4).startswith(PICKLES):
            raise Refused("is a pickle (torch.save), which can run code and is never opened")
    try:
        with safe_open(path, framework="pt", device="cpu") as content:
            _require_fit(content, expected, head)
            found = {name: content.get_tensor(name).to(expected[name].dtype) for name in content.keys()}
    except (SafetensorError, OSError, OverflowError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"is not a whole safetensors file: {_short(error)}") from None
    for name, tensor in found.items():
        if not torch.isfinite(tensor).all():
            raise Refused(f"holds values in {name} that are not finite", "train again with a smaller rate")
    return found


def changes(
    found: Mapping[str, Tensor], pretrained: Mapping[str, Tensor], network: nn.Module
) -> Iterator[Change]:
    """Every tensor of the file that is not the pretrained one, in the order of the network.

    The pretrained one rounded to half precision is the pretrained one: a file may be written so.
    """
    weights = {name for name, _ in network.named_parameters()}
    for name in network.state_dict():
        if name in found and name not in pretrained:
            yield Change(name, True, name not in weights, _largest(found[name]), found[name].numel())
        elif name in found and not _as_published(found[name], pretrained[name]):
            difference = found[name].double() - pretrained[name].double()
            yield Change(name, False, name not in weights, _largest(difference), difference.numel())


def _as_published(found: Tensor, pretrained: Tensor) -> bool:
    kinds = (torch.float16, torch.bfloat16) if pretrained.is_floating_point() else ()
    return any(_same_bits(found, pretrained.to(kind).to(found.dtype)) for kind in (pretrained.dtype, *kinds))


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """-0.0 equals 0.0 as a number but not as bits; a view as bytes compares what was stored."""
    return bool(torch.equal(one.reshape(-1).view(torch.uint8), other.reshape(-1).view(torch.uint8)))


def _largest(tensor: Tensor) -> float:
    return float(tensor.double().abs().max()) if tensor.numel() else 0.0


def _require_fit(content: Any, expected: Mapping[str, Tensor], head: Set[str]) -> None:
    for name in content.keys():
        if name not in expected:
            raise Refused(
                f"holds {_shown(name)}, no tensor of the declared network{_near(name, expected)}",
                "train the backbone that submission.toml declares",
            )
        part = content.get_slice(name)
        shape, own = tuple(part.get_shape()), tuple(expected[name].shape)
        if shape != own:
            raise Refused(
                f"holds {name} with the shape {_shape(shape)}, expected {_shape(own)}",
                "train the backbone that submission.toml declares, for its classes",
            )
        if part.get_dtype() not in NUMBERS:
            raise Refused(f"holds {name} as {part.get_dtype()}, expected a plain number type")
    absent = sorted(head - set(content.keys()))
    if absent:
        raise Refused(f"lacks the head's tensor {absent[0]}", "the head is new, so it has to be saved whole")


def _near(name: str, expected: Mapping[str, Tensor]) -> str:
    nearest = difflib.get_close_matches(name, expected, n=1) if len(name) < 200 else []
    return f" (did you mean {nearest[0]}?)" if nearest else ""


def _shape(sides: tuple[int, ...]) -> str:
    return "x".join(map(str, sides[:8])) or "scalar"


def _shown(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:80]}..."


def _short(error: Exception) -> str:
    return _shown(str(error).partition("\n")[0].removeprefix("Error while deserializing header: "))
