"""From an image file to the numbers that the network sees.

A pretrained network only works on images prepared as in its own training: other colours, another size or
another scale cost accuracy without any error message. So the values come with the weights; we never make them
up.

    python -m finetune.preprocess --image photo.jpg --out photo.npy      shows what the network is fed: C, H,
    W
"""

import argparse
import ast
import hashlib
import inspect
import random
import textwrap
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from torch import Tensor
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from finetune import submission
from finetune.parts import files, problem, weights
from finetune.parts.problem import Problem
from finetune.submission import Model

# The hash of `augmented` and `random_part` as the starter has them; comments do not count.
STARTERS = "693d31cb8735fd533a13c6c8d18b1896510a513fe59be529089f9f3fcf4bc7d7"


@dataclass(frozen=True)
class Preprocessing:
    """How the weights want their images: `resize` the shorter side, then cut a square of side `crop`."""

    resize: int  # pixels, such as 256
    crop: int  # pixels, such as 224
    interpolation: str  # "bilinear" or "bicubic"
    mean: tuple[float, float, float]  # of red, green, blue, on the scale 0..1
    std: tuple[float, float, float]
    antialias: bool = True  # average over what is shrunk into one pixel, instead of picking a few pixels


def of_weights(model: Model) -> Preprocessing:
    """What the library publishes together with the weights."""
    weights.check_backbone(model)
    return _of_torchvision(model) if model.library == "torchvision" else _of_timm(model)


def evaluation(preprocessing: Preprocessing) -> transforms.Compose:
    """PIL image -> tensor [3, crop, crop], float32. The same image always gives the same tensor."""
    return transforms.Compose(
        [
            transforms.Resize(
                preprocessing.resize,
                interpolation=InterpolationMode(preprocessing.interpolation),
                antialias=preprocessing.antialias,
            ),
            transforms.CenterCrop(preprocessing.crop),  # what is photographed mostly stands in the middle
            transforms.ToTensor(),  # from 0..255 to 0..1, and from H, W, C to C, H, W
            # (value - mean) / std for each colour: then values are around 0 and about 1 wide, for which the
            # first layer was trained. Most weights use ImageNet's mean (0.485, 0.456, 0.406) and std (0.229,
            # 0.224, 0.225); some, such as those of Inception, 0.5 for all. Never those of your own images.
            transforms.Normalize(mean=preprocessing.mean, std=preprocessing.std),
        ]
    )


# Augmentation: what may differ from one view of a training image to the next. Whatever you change, ask
# yourself whether a human would still give the image the same name: a mirrored dog is a dog.
# Trainings from nothing show 0.08 to 1 of the area, as they see each image a hundred times; in a few epochs,
# views so different would teach less than they cost.
AREA = (0.7, 1.0)  # a view shows so much of the image
RATIO = (3 / 4, 4 / 3)  # of its width to its height
MIRRORED = 0.5  # so many of the views are mirrored; 0 for digits or letters: a mirrored one is another


def augmented(pixels: Tensor, preprocessing: Preprocessing, draw: random.Random) -> Tensor:
    """Like `evaluation`, for an image [3, height, width] of uint8, but with a random part of it, at times
    mirrored.

    `draw` decides what is random. We give each view of each image a source of random numbers of its own:
    then the result does not depend on the order of the images, nor on how many threads prepare them.
    """
    left, top, right, bottom = random_part((pixels.shape[2], pixels.shape[1]), draw)
    # The part is stretched to a square, so things get a little broader or narrower: RATIO says how much.
    view = functional.resize(
        pixels[:, top:bottom, left:right],
        [preprocessing.crop, preprocessing.crop],
        interpolation=InterpolationMode(preprocessing.interpolation),
        antialias=preprocessing.antialias,
    )
    if draw.random() < MIRRORED:
        view = functional.horizontal_flip(view)
    return functional.normalize(view / 255, preprocessing.mean, preprocessing.std)


def random_part(size: tuple[int, int], draw: random.Random) -> tuple[int, int, int, int]:
    """A box (left, top, right, bottom) inside of an image of this size, by AREA and RATIO."""
    width, height = size
    area = width * height * draw.uniform(*AREA)
    ratio = draw.uniform(*RATIO)
    # width * height = area, and width / height = ratio: so width = sqrt(area * ratio).
    part_width = max(1, min(width, round((area * ratio) ** 0.5)))
    part_height = max(1, min(height, round((area / ratio) ** 0.5)))
    left = draw.randint(0, width - part_width)
    top = draw.randint(0, height - part_height)
    return left, top, left + part_width, top + part_height


def augmentation_in_words() -> str:
    """What `augmented` does, for the log and the report. Of a function that you have changed, nobody but you
    knows it: then the first line of its docstring is told.
    """
    parts = (inspect.getsource(part) for part in (augmented, random_part))
    source = "\n".join(ast.unparse(ast.parse(textwrap.dedent(part))) for part in parts)
    if hashlib.sha256(source.encode()).hexdigest() == STARTERS:
        low, high = (round(100 * share) for share in AREA)
        return f"a random part with {low} to {high} % of the area, {100 * MIRRORED:g} % of the views mirrored"
    told = (inspect.getdoc(augmented) or "not described").splitlines()[0]
    return f"the author's own, `augmented` in finetune/preprocess.py: {told}"


def load(path: Path) -> Image.Image:
    """An image with three colours. Greyscale, palette and CMYK files are turned into red, green and blue."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError) as error:  # the latter is what Pillow calls some broken PNG files
        raise Problem(
            f"{path} cannot be read as an image ({error}); `make data` replaces images that are broken"
        ) from error


def _of_torchvision(model: Model) -> Preprocessing:
    import torchvision

    published = torchvision.models.get_model_weights(model.backbone)
    if model.weights not in published.__members__:
        raise _no_such_weights(model, list(published.__members__))
    preset = published[model.weights].transforms()
    return Preprocessing(
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        interpolation=preset.interpolation.value,
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        antialias=bool(preset.antialias),
    )


def _of_timm(model: Model) -> Preprocessing:
    import timm

    try:
        published = timm.get_pretrained_cfg(weights.timm_name(model), allow_unregistered=False)
    except RuntimeError as error:
        names = [name.partition(".")[2] for name in timm.list_pretrained(f"{model.backbone}.*")]
        raise _no_such_weights(model, names or ["default"]) from error
    wanted = timm.data.resolve_data_config({}, pretrained_cfg=published.to_dict())
    if wanted["crop_mode"] != "center":
        raise Problem(
            f"submission.toml: [model] {model.backbone} wants its images cut in the way "
            f'"{wanted["crop_mode"]}", which these programs do not know; choose another backbone'
        )
    crop = wanted["input_size"][-1]
    return Preprocessing(
        resize=int(crop / wanted["crop_pct"]),  # 224 / 0.875 = 256; timm rounds down
        crop=crop,
        interpolation=wanted["interpolation"],
        mean=tuple(wanted["mean"]),
        std=tuple(wanted["std"]),
    )


def _no_such_weights(model: Model, names: list[str]) -> Problem:
    return Problem(
        f'submission.toml: [model] {model.library} has no weights "{model.weights}" for {model.backbone}; '
        f"it has {', '.join(names)}"
    )


def main() -> None:
    import numpy

    parser = argparse.ArgumentParser(description="Write the tensor that the network is fed for an image.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--image", type=Path)
    which.add_argument("--images", type=Path, help="a folder; --out is one, too, for a .npy file of each")
    parser.add_argument("--out", type=Path, required=True, help="a .npy file: C, H, W, float32")
    arguments = parser.parse_args()
    images = files.images(arguments.images).values() if arguments.images else [arguments.image]
    if not images:
        raise Problem(f"{arguments.images} holds no image")
    transform = evaluation(of_weights(submission.read().model))
    for image in images:
        out = arguments.out / f"{image.stem}.npy" if arguments.images else arguments.out
        numpy.save(out, transform(load(image)).numpy())


if __name__ == "__main__":
    problem.run(main)
