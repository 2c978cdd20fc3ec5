"""Numbers that are all but zero cost nothing: they are zero while a submission's tensors are used."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from grader.ground.reference import Reference
from grader.workers import evaluate
from grader.workers.messages import Evaluate
from grader.workers.parts import denormals


class Squared(nn.Module):
    """Whether the square of a tiny weight is more than zero is the difference of its two logits."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((1,), 1e-20))

    def forward(self, images: Tensor) -> Tensor:
        square = self.weight * self.weight
        return torch.cat([(square > 0).float(), torch.full((1,), 0.5)]).repeat(len(images), 1)


def test_they_are_flushed_only_meanwhile() -> None:
    tiny = torch.full((4,), 1e-20)
    assert (tiny * tiny > 0).all()
    with denormals.flushed():
        assert (tiny * tiny == 0).all()
    assert (tiny * tiny > 0).all()


def test_predictions_are_made_so(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    half = (0.5, 0.5, 0.5)
    reference = Reference(
        resize=8, crop=8, fit="center", interpolation="bilinear", mean=half, std=half, order="rgb", source=""
    )
    request = Evaluate(
        library="torchvision",
        backbone="x",
        classes=2,
        pretrained="",
        checkpoints={"a": "a"},
        images=(str(tmp_path / "a.png"),),
        reference=reference,
    )
    found, unreadable = evaluate.predict({"a": Squared()}, request, [0], torch.device("cpu"))
    assert not unreadable
    assert [each.predicted for each in found["a"]] == [1]  # zero, and one half
