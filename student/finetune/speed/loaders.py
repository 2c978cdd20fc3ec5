"""What the network is fed in each epoch: which view of the images, in which order, and from which layer on.

Plain training feeds images to the whole network. Where frozen layers run only once, what they made of the
images takes the images' place, and the loop in train.py does not see a difference.
"""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from finetune.parts.photographs import Batches, Data, Photographs, batches
from finetune.preprocess import Preprocessing
from finetune.speed.activations import Activations
from finetune.speed.frozen import Halves


@dataclass(frozen=True)
class Loaders:
    """The images of two splits, each with the number of its class, and how they are shown."""

    train: list[tuple[Path, int]]
    val: list[tuple[Path, int]]
    prepare: Preprocessing
    seed: int
    batch_size: int
    views: int  # so many in turn; 0: a fresh one in each epoch

    def train_batches(self, halves: Halves, epoch: int, seed: str) -> Batches:
        """All training images, shuffled. `seed` is the text that everything random in this epoch starts
        from.
        """
        view = f"{self.seed} view {epoch % self.views}" if self.views else seed
        order = list(range(len(self.train)))
        random.Random(seed).shuffle(order)
        return batches(self._data(halves, view), self.batch_size, order)

    def val_batches(self, halves: Halves) -> Batches:
        """All validation images, prepared as for evaluation."""
        return batches(self._data(halves, ""), self.batch_size)

    @functools.cached_property
    def _data(self) -> Callable[[Halves, str], Data]:
        """Keeps the views of one phase and its validation images; those of the phase before make room."""

        @functools.lru_cache(maxsize=max(self.views, 1) + 1)
        def data(halves: Halves, view: str) -> Data:
            """What the layers that run only once make of the images: of validation, or of a view of
            training.
            """
            found: Data = Photographs(self.train if view else self.val, self.prepare, view)
            for layers in halves.frozen:
                found = Activations(found, layers, keep=self.views > 0 or not view)
            return found

        return data
