"""What frozen layers make of the images: computed once, kept in files, read again in every epoch.

The numbers are kept with half as many bits as usual (float16): three digits are plenty for what comes
after. Each file holds a few images, is named by everything that its numbers depend on, and appears whole or
not at all. So an interruption costs the running batch, and a second run on the same images computes nothing
below what it trains.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from finetune.parts import devices, files, journal, progress
from finetune.parts.photographs import Data, batches

FOLDER = files.CACHE / "activations"
# Images in a file, and at most as many pass through the layers together.
BATCH = 16
# Up to so many bytes stay in memory. Of more than that, each batch reads the rows that it needs from the
# files.
IN_MEMORY = 128 * 2**20


class Activations(Data):
    """Pairs (what `layers` make of an image, number of its class) for all of `source`, which may be
    activations too.

    Without `keep` nothing is written to files: for views that no second epoch will see.
    """

    def __init__(self, source: Data, layers: nn.Module, keep: bool = True) -> None:
        self.labels = source.labels
        self.name = _name(source, layers) if keep else ""
        starts = range(0, len(self.labels), BATCH)
        if keep:
            missing = [start for start in starts if not self._file(start).exists()]
            for start, values in _computed(source, layers, missing):
                files.write(self._file(start), save({"values": values.contiguous()}))
            large = sum(self._file(start).stat().st_size for start in starts) > IN_MEMORY
            chunks = [] if large else [load_file(self._file(start))["values"] for start in starts]
        else:
            chunks = [values for _, values in _computed(source, layers, starts)]
        self.rows = [row for chunk in chunks for row in chunk]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, int]]:
        return [(self._row(index).float(), self.labels[index]) for index in indices]

    def _row(self, index: int) -> Tensor:
        if self.rows:
            return self.rows[index]
        inside = index % BATCH
        with safe_open(self._file(index - inside), "pt") as kept:
            return kept.get_slice("values")[inside]

    def _file(self, start: int) -> Path:
        return FOLDER / self.name / f"{start}.safetensors"


@torch.no_grad()
def _computed(source: Data, layers: nn.Module, starts: Sequence[int]) -> Iterator[tuple[int, Tensor]]:
    """Run the layers on the batches of images that begin at `starts`.

    Batches are the same whatever is missing, since sums of rounded numbers depend a little on how they are
    grouped.
    """
    layers.eval()
    together = _together(layers)
    order = [index for start in starts for index in range(start, min(start + BATCH, len(source.labels)))]
    given_batches = zip(starts, batches(source, BATCH, order), strict=True)
    for start, (given, _) in progress.shown(given_batches, "frozen layers", "batch", len(starts)):
        values = torch.cat([layers(devices.place(part)).cpu() for part in given.split(together)])
        half = values.half()
        yield start, half if half.isfinite().all() else values


def _together(layers: nn.Module) -> int:
    """Small batches stay near the processor while they pass through the layers, and need less memory.

    But of less than 16 images, PyTorch computes convolutions of 1 x 1 in a slower way on one core: 16 ms for
    an image in frozen EfficientNet-Lite0 instead of 12. VGG16 has none: 258 ms instead of 278.
    """
    pointwise = any(getattr(layer, "kernel_size", None) == (1, 1) for layer in layers.modules())
    return BATCH if pointwise else BATCH // 2


def _name(source: Data, layers: nn.Module) -> str:
    """Changes whenever the numbers could: with the images, the layers' structure, any number in them, the
    versions, this program.
    """
    how = f"{devices.best().type} {journal.versions()} {files.programs('speed/activations.py')}"
    digest = hashlib.sha256(f"{source.name} {how} {layers}".encode())
    for tensor in layers.state_dict().values():
        digest.update(tensor.cpu().contiguous().numpy())
    return digest.hexdigest()
