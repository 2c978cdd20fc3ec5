"""`Normalize(mean, std)` of torchvision and Albumentations, and any call with both per channel."""

import ast
from collections.abc import Iterator

from grader.preprocessing.constants import Scope
from grader.preprocessing.steps import Step
from grader.programs import argument, called

BYTES = 255.0
CHANNELS = 3


def find(call: ast.Call, scope: Scope) -> Iterator[Step]:
    """Values on the scale 0..255 are brought to 0..1. What undoes a normalisation for display is left out.

    A call of another name has to give both; one that draws random numbers means nothing of an image.
    """
    name = called(call)
    first = {"Normalize": 0, "normalize": 1}.get(name, -100)
    if name.rstrip("_").lower().endswith("normal"):  # nn.init.trunc_normal_, numpy.random.normal, Normal
        return
    mean = scope.numbers(argument(call, first, "mean", "means", "image_mean"))
    std = scope.numbers(argument(call, first + 1, "std", "stds", "image_std"))
    if first < 0 and not len(mean) == len(std) == CHANNELS:
        return
    if max(mean, default=0.0) > 2 or (not mean and max(std, default=0.0) > 2):
        mean, std = tuple(each / BYTES for each in mean), tuple(each / BYTES for each in std)
    if (mean or std) and not _is_for_display(mean, std):
        yield Step(where=f"{scope.path}:{call.lineno}", mean=mean, std=std)


def _is_for_display(mean: tuple[float, ...], std: tuple[float, ...]) -> bool:
    """x*std + mean is written as Normalize(-mean/std, 1/std), which no network wants on the scale 0..1."""
    return min(mean, default=0.0) < 0 or max(std, default=0.0) >= 1
