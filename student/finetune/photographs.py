"""The images of one split as tensors, batch by batch."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from finetune import files, preprocess
from finetune.preprocess import Preprocessing
from finetune.problem import Problem
from finetune.splits import Row


class Photographs(Dataset[tuple[Tensor, int]]):
    """Pairs (image [3, H, W], number of its class); with `augment`, images are changed at random."""

    def __init__(self, images: list[tuple[Path, int]], prepare: Preprocessing, augment: str = "") -> None:
        self.images = images
        self.prepare = prepare
        self.augment = augment
        self.threads = ThreadPoolExecutor(os.cpu_count())

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        path, label = self.images[index]
        if self.augment:
            # `augment` names seed, phase and epoch; with the image's id it is a random source for this image
            # in this epoch alone. Neither the order of the images nor the number of threads then changes the
            # result.
            transform = preprocess.augmentation(self.prepare, random.Random(f"{self.augment} {path.stem}"))
        else:
            transform = preprocess.evaluation(self.prepare)
        return transform(preprocess.load(path)), label

    def __getitems__(self, indices: list[int]) -> list[tuple[Tensor, int]]:
        """A whole batch, which is how DataLoader asks. Threads use all cores, on every system."""
        return list(self.threads.map(self.__getitem__, indices))

    def batches(self, size: int) -> DataLoader[tuple[Tensor, int]]:
        """Batches (images [size, 3, H, W], labels [size]) in order; the last may be smaller."""
        return DataLoader(self, batch_size=size)


def labelled(rows: list[Row], classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """The file of each image in data/images/, with the number of its class."""
    here = files.images()
    lacking = [row.image_id for row in rows if row.image_id not in here]
    if lacking:
        raise Problem(f"{files.IMAGES}/ lacks {len(lacking)} images, such as {lacking[0]}; run `make data`")
    return [(here[row.image_id], classes.index(row.label)) for row in rows]
