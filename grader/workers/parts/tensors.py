"""Reads a submission's safetensors file, and compares tensors with the pretrained ones, bit by bit."""

import difflib
from collections.abc import Iterator, Mapping, Set

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from grader.workers.messages import Change
from grader.workers.parts import refusal
from grader.workers.parts.refusal import Refused

NUMBERS = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8"}
MOST = 20_000  # tensors of one file; the largest networks have a few thousand
AGAIN = "train again with a smaller rate"

# The shape and the type of each tensor of a file, by name; "" is a type that we do not take.
Described = Mapping[str, tuple[tuple[int, ...], str]]


def read(path: str, expected: Mapping[str, Tensor], head: Set[str]) -> dict[str, Tensor]:
    """The tensors of the file, in the types of the network's own.

    Names, shapes and types are compared with the network's before a single tensor is read, so a file cannot
    ask for more memory than the network has.

    Raises:
        Refused: no safetensors file, or not tensors of this network, or no head in it.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as content:
            names = list(content.keys())
            if len(names) > MOST:
                raise Refused(f"holds {len(names):,} tensors, more than the {MOST:,} that are read")
            parts = {name: content.get_slice(name) for name in names}
            described = {name: (tuple(part.get_shape()), part.get_dtype()) for name, part in parts.items()}
            require_fit(described, NUMBERS, expected, head)
            found = {name: content.get_tensor(name) for name in described}
    except (SafetensorError, OSError, OverflowError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"is not a whole safetensors file: {_short(error)}") from None
    return as_expected(found, expected)


def as_expected(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the types of the network's own. Raises Refused where a value is not finite there."""
    own = {name: tensor.to(expected[name].dtype) for name, tensor in found.items()}
    for name, tensor in found.items():
        if not (torch.isfinite(tensor).all() and torch.isfinite(own[name]).all()):
            raise Refused(f"holds values in {name} that are not finite", AGAIN)
    return own


def require_fit(
    described: Described, numbers: Set[str], expected: Mapping[str, Tensor], head: Set[str]
) -> None:
    """Raises Refused where these are not tensors of the network; `numbers` are the types that we take."""
    for name, (shape, kind) in described.items():
        if name not in expected:
            raise Refused(
                f"holds {refusal.shown(name)}, no tensor of the declared network{_near(name, expected)}",
                _several_layers(name, head) or "train the backbone that submission.toml declares",
            )
        own = tuple(expected[name].shape)
        if shape != own:
            raise Refused(
                f"holds {name} with the shape {refusal.shape(shape)}, expected {refusal.shape(own)}",
                "train the backbone that submission.toml declares, for its classes",
            )
        if kind not in numbers:
            raise Refused(f"holds {name} as {kind}, expected a plain number type")
    absent = sorted(head - described.keys())
    if absent:
        raise Refused(f"lacks the head's tensor {absent[0]}", "the head is new, so it has to be saved whole")


def _several_layers(name: str, head: Set[str]) -> str:
    """The hint for a head of several layers that nobody declared; "" where the tensor is not of one."""
    layers = {own.rpartition(".")[0] for own in head}
    if any(name.startswith(f"{layer}.") for layer in layers):
        return "declare a head of several layers in [model], such as head = [256] and dropout = 0.2"
    return ""


def changes(
    found: Mapping[str, Tensor], pretrained: Mapping[str, Tensor], weights: Set[str]
) -> Iterator[Change]:
    """Every tensor found that is not the pretrained one, in their order; `weights`: which are no statistics.

    The pretrained one rounded to half precision is the pretrained one: a file may be written so.
    """
    for name, tensor in found.items():
        if name not in pretrained:
            yield Change(name, True, name not in weights, _largest(tensor), tensor.numel())
        elif not _as_published(tensor, pretrained[name]):
            difference = tensor.double() - pretrained[name].double()
            yield Change(
                name,
                head=False,
                statistic=name not in weights,
                largest=_largest(difference),
                size=difference.numel(),
                spacings=_spacings(difference, pretrained[name]),
            )


def _as_published(found: Tensor, pretrained: Tensor) -> bool:
    kinds = (torch.float16, torch.bfloat16) if pretrained.is_floating_point() else ()
    return any(_same_bits(found, pretrained.to(kind).to(found.dtype)) for kind in (pretrained.dtype, *kinds))


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """-0.0 equals 0.0 as a number but not as bits; a view as bytes compares what was stored."""
    return bool(torch.equal(one.reshape(-1).view(torch.uint8), other.reshape(-1).view(torch.uint8)))


def _largest(tensor: Tensor) -> float:
    return float(tensor.double().abs().max()) if tensor.numel() else 0.0


def _spacings(difference: Tensor, pretrained: Tensor) -> float:
    """The largest change, in steps from one number of float32 to the next (units in the last place)."""
    start = pretrained.abs().float()
    step = torch.nextafter(start, torch.full_like(start, torch.inf)).double() - start.double()
    return _largest(difference / step)


def _near(name: str, expected: Mapping[str, Tensor]) -> str:
    nearest = difflib.get_close_matches(name, expected, n=1) if len(name) < 200 else []
    return f" (did you mean {nearest[0]}?)" if nearest else ""


def _short(error: Exception) -> str:
    return refusal.shown(str(error).partition("\n")[0].removeprefix("Error while deserializing header: "))
