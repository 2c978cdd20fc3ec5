"""Each training photograph is decoded once, and kept at the size that its augmented views are cut from.

Decoding a photograph and shrinking it costs more than all that augmentation does afterwards. What is kept
is compact (whole numbers from 0 to 255) and found again by the file's content, the size and these programs,
so it never goes stale.
"""

import math
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from finetune import preprocess
from finetune.parts import files
from finetune.preprocess import Preprocessing

FOLDER = files.CACHE / "pixels"
# A view may show 70 % of the area. With this much room its pixels are still shrunk, never blown up.
ROOM = 1.25


def shrunk(path: Path, prepare: Preprocessing) -> Tensor:
    """A photograph as [3, height, width], uint8; its shorter side is at most ROOM times that of the
    network's images.
    """
    side = _side(prepare)
    program = files.programs("parts/pixels.py", "preprocess.py")[:16]
    kept = FOLDER / f"{files.sha256(path)}-{side}-{prepare.interpolation}-{program}.safetensors"
    if not kept.exists():
        files.write(kept, save({"pixels": decoded(path, prepare)}))
    return load_file(kept)["pixels"]


def _side(prepare: Preprocessing) -> int:
    return math.ceil(ROOM * prepare.resize)


def decoded(path: Path, prepare: Preprocessing) -> Tensor:
    """The same, without looking whether it is kept.

    PyTorch shrinks a photograph of 1024 x 768 in 0.7 ms, Pillow in 6; few values differ, by at most 2.

    That is good enough to learn from. What is measured goes through `preprocess.evaluation`, which is exact.
    """
    side = _side(prepare)
    pixels = torch.from_numpy(numpy.array(preprocess.load(path))).permute(2, 0, 1)
    if min(pixels.shape[1:]) <= side:
        return pixels.contiguous()
    kind = InterpolationMode(prepare.interpolation)
    return functional.resize(pixels, [side], kind, antialias=True).contiguous()
