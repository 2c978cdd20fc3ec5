"""Two safetensors files compared without a library; broken ones are refused in one sentence."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from grader.workers import compare_tensors
from grader.workers.messages import Compared, CompareTensors
from tests.workers.test_tensors import entry, raw


def test_the_tensors_that_training_changed(tmp_path: Path) -> None:
    """Two files as the library writes them: the body is frozen, the head and one upper layer are not."""
    head = {"body.0": torch.ones(3, 3), "body.1": torch.arange(4.0), "fc": torch.zeros(2)}
    final = {
        "body.0": torch.ones(3, 3),
        "body.1": torch.arange(4.0) + 1,
        "fc": torch.ones(2),
        "new": torch.ones(1),
    }
    save_file(head, tmp_path / "a.safetensors")
    save_file(final, tmp_path / "b.safetensors", metadata={"epoch": "5"})
    request = CompareTensors(str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors"))
    assert compare_tensors.answer(request) == Compared(
        tensors=3, different=2, names=("body.1", "fc"), alone=1
    )


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 a pickle",
        b"\x00" * 7,
        raw(b"no json"),
        raw(b"[" * 100_000),
        raw({"a": entry([2], 0, 8)}, b"\0" * 4),
        raw({"a": entry([2], 8, 0)}, b"\0" * 8),
        raw({"a": entry([2], -8, 0)}, b"\0" * 8),
        raw({"a": {"dtype": "F32"}}),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    found = compare_tensors.answer(CompareTensors(str(path), str(path)))
    assert found.refused and found.tensors == 0
