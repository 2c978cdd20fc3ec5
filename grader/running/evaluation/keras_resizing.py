"""How images may have been resized for a network of Keras: its weights are published without a recipe."""

from collections.abc import Sequence

from msgspec.structs import replace

from grader.contract import PredictionRow
from grader.reading.preprocessing import ALIASED, Chain, Reference
from grader.running.evaluation.records import Evaluation

# Keras calls two filters bilinear: Pillow's of load_img, and TensorFlow's of image_dataset_from_directory.
FILTERS = {
    "nearest": ("nearest",),
    "bilinear": ("bilinear", ALIASED),
    "bicubic": ("bicubic",),
    "lanczos": ("lanczos",),
    "box": ("box",),
    "hamming": ("hamming",),
}
USUAL = ("nearest", "bilinear", ALIASED)
SHARE = 0.01  # of the predictions that may differ where the right way was found
UNTOLD = (
    "the log does not say how images were resized, and nearest or bilinear to the network's size was not it"
)


def possible(published: Reference, recorded: Chain | None) -> tuple[tuple[Reference, ...], str]:
    """Every way that fits what the log says, and what the log leaves open (empty where it says it).

    Without a crop both sides become the network's own, which its file says.
    """
    resize, crop = (recorded.resize, recorded.crop) if recorded else (0, 0)
    name = recorded.interpolation.lower() if recorded else ""
    fit = "center" if resize and crop and resize != crop else "squash"
    side = crop or resize or published.crop
    ways = tuple(
        replace(
            published,
            resize=resize or side,
            crop=side,
            fit=fit,
            interpolation=each,
            source=f"{published.source} (resized by {each})",
        )
        for each in FILTERS.get(name, USUAL)
        if fit == "squash" or each != ALIASED
    )
    return ways, "" if name in FILTERS else UNTOLD


def differing(found: Evaluation, handed_in: Sequence[PredictionRow], classes: Sequence[str]) -> int:
    """How many of the handed-in predictions are others than those of this evaluation."""
    stated = {row.image_id: row.predicted for row in handed_in}
    return sum(
        stated.get(found.rows[each.image].image_id, classes[each.predicted]) != classes[each.predicted]
        for each in found.final.examined.predictions
    )
