"""Hostile and broken checkpoint files: each is refused in one sentence, before a tensor is read."""

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from grader.workers.parts import tensors
from grader.workers.parts.refusal import Refused

EXPECTED = {"body.weight": torch.zeros(2, 3), "fc.weight": torch.zeros(2, 4), "fc.bias": torch.zeros(2)}
HEAD = {"fc.weight", "fc.bias"}
TRAINED = {"fc.weight": torch.ones(2, 4), "fc.bias": torch.ones(2)}


def raw(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[int], start: int, end: int, kind: str = "F32") -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


BROKEN = "is not a whole safetensors file"

MANY = raw({str(number): entry([0], 0, 0) for number in range(20_001)})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", BROKEN),
        (b"\x00" * 7, BROKEN),
        (struct.pack("<Q", 1 << 62) + b"{}", BROKEN),  # a header larger than any file
        (struct.pack("<Q", 500) + b"{}", BROKEN),
        (raw(b"no json"), BROKEN),
        (raw(b"[" * 100_000), BROKEN),
        (raw([1, 2]), BROKEN),
        (raw({"fc.bias": entry([2], 0, 80)}, bytes(8)), BROKEN),  # more than the file holds
        (raw({"fc.bias": entry([1 << 40], 0, 8)}, bytes(8)), BROKEN),  # a 4 TB tensor in 8 bytes
        (raw({"fc.bias": entry([2], 8, 0)}, bytes(8)), BROKEN),
        (raw({"fc.bias": entry([2], 0, 8), "fc.weight": entry([2], 0, 8)}, bytes(8)), BROKEN),  # overlapping
        (raw({"fc.bias": entry([-2], 0, 8)}, bytes(8)), BROKEN),
        (raw({"fc.bias": entry([2], 0, 8, "F99")}, bytes(8)), BROKEN),
        (save(TRAINED)[:-1], BROKEN),
        (MANY, "holds 20,001 tensors, more than the 20,000 that are read"),
        (save({**TRAINED, "body.wieght": torch.ones(2, 3)}), r"holds body.wieght, no tensor of the declared"
         r" network \(did you mean body.weight\?\)"),
        (save({**TRAINED, "x" * 5000: torch.ones(1)}), r"holds x{80}\.\.\., no tensor"),
        (save({**TRAINED, "body.weight": torch.ones(3, 2)}), "body.weight with the shape 3x2, expected 2x3"),
        (save({**TRAINED, "body.weight": torch.ones(2, 3, 1)}), "shape 2x3x1, expected 2x3"),
        (save({**TRAINED, "body.weight": torch.ones(2, 3, dtype=torch.bool)}), "holds body.weight as BOOL"),
        (save({"fc.weight": torch.ones(2, 4)}), "lacks the head's tensor fc.bias"),
        (save({**TRAINED, "body.weight": torch.full((2, 3), torch.nan)}), "body.weight that are not finite"),
        (save({**TRAINED, "body.weight": torch.full((2, 3), torch.inf)}), "body.weight that are not finite"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason) as refusal:
        tensors.read(str(path), EXPECTED, HEAD)
    assert len(str(refusal.value)) < 200 and "\n" not in str(refusal.value)


def test_half_precision_is_read_as_the_networks_own_type(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(save({name: tensor.half() for name, tensor in TRAINED.items()}))
    found = tensors.read(str(path), EXPECTED, HEAD)
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}


def test_changes_are_bitwise_and_know_statistics_from_weights() -> None:
    public = {
        "conv.weight": torch.zeros(1, 1, 1, 1),
        "conv.bias": torch.zeros(1),
        "bn.running_mean": torch.zeros(1),
        "bn.num_batches_tracked": torch.tensor(0),
    }
    weights = {"conv.weight", "conv.bias", "fc.weight", "fc.bias"}
    found = {
        "conv.weight": torch.zeros(1, 1, 1, 1),  # the same
        "conv.bias": torch.tensor([-0.0]),  # equal as a number, not as bits
        "bn.running_mean": torch.tensor([-0.5]),
        "bn.num_batches_tracked": torch.tensor(25),
        "fc.weight": torch.tensor([[3.0], [-4.0]]),
        "fc.bias": torch.zeros(2),
    }
    seen = [
        (each.name, each.head, each.statistic, each.largest)
        for each in tensors.changes(found, public, weights)
    ]
    assert seen == [
        ("conv.bias", False, False, 0.0),
        ("bn.running_mean", False, True, 0.5),
        ("bn.num_batches_tracked", False, True, 25.0),
        ("fc.weight", True, False, 4.0),
        ("fc.bias", True, False, 0.0),
    ]
