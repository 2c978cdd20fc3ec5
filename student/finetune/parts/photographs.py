"""The images of one split as tensors, and any such data batch by batch."""

import functools
import hashlib
import os
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from finetune import preprocess
from finetune.parts import files, pixels
from finetune.parts.problem import Problem
from finetune.parts.splits import Row
from finetune.preprocess import Preprocessing

# What decides how an image of a file becomes numbers: edit `augmented`, and nothing kept is used again.
PROGRAMS = ("parts/photographs.py", "preprocess.py", "parts/pixels.py")

Batches = Iterable[tuple[Tensor, Tensor]]


class Data(Protocol):
    """What a network can be fed: images, or what frozen layers made of them, each with the number of its
    class.
    """

    labels: Sequence[int]
    name: str  # the same for the same numbers, on every day and in every folder

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, int]]: ...


class Photographs(Data):
    """Pairs (image [3, H, W], number of its class). With `view`, a random part of each image: the part of
    that name.
    """

    def __init__(self, images: list[tuple[Path, int]], prepare: Preprocessing, view: str = "") -> None:
        self.paths = [path for path, _ in images]
        self.labels = [label for _, label in images]
        self.prepare = prepare
        self.view = view
        self.threads = ThreadPoolExecutor(os.cpu_count())

    @functools.cached_property
    def name(self) -> str:
        how = [str(self.prepare), self.view, files.programs(*PROGRAMS)]
        contents = [f"{path.stem} {files.sha256(path)}" for path in self.paths]
        return hashlib.sha256("\n".join([*how, *contents]).encode()).hexdigest()

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, int]]:
        """A whole batch, which is how DataLoader asks. Threads use all cores, on every system."""
        images = self.threads.map(self._image, [self.paths[index] for index in indices])
        return list(zip(images, [self.labels[index] for index in indices], strict=True))

    def _image(self, path: Path) -> Tensor:
        if not self.view:
            return preprocess.evaluation(self.prepare)(preprocess.load(path))
        # The view's name and the image's id make a random source for this image in this view alone. Neither
        # the order of the images nor the number of threads then changes the result.
        draw = random.Random(f"{self.view} {path.stem}")
        return preprocess.augmented(pixels.shrunk(path, self.prepare), self.prepare, draw)


def batches(data: Data, size: int, order: Sequence[int] | None = None) -> Batches:
    """Batches (images or activations [size, ...], labels [size]), in this order; the last may be smaller.

    DataLoader draws a random number whenever it starts. With a generator of its own, what dropout draws does
    not depend on how often that was: after an interruption, or with --plain, it is another number of times.
    """
    own = torch.Generator()
    rows = range(len(data.labels)) if order is None else order
    return DataLoader(data, batch_size=size, sampler=rows, generator=own)


def labelled(rows: list[Row], classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """The file of each image in data/images/, with the number of its class."""
    here = files.images()
    lacking = [row.image_id for row in rows if row.image_id not in here]
    if lacking:
        raise Problem(f"{files.IMAGES}/ lacks {len(lacking)} images, such as {lacking[0]}; run `make data`")
    return [(here[row.image_id], classes.index(row.label)) for row in rows]
