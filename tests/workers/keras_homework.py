"""A submission whose networks Keras itself trained and saved, and whose predictions Keras itself made."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import keras
import numpy
import torch
from msgspec import Struct
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from grader.submission import Submission
from tests.conftest import contract, submission
from tests.workers.conftest import CLASSES, table

BACKBONE = "MobileNet"
SIDE = 32
TESTS = 20
CONTRACT = contract(
    CLASSES,
    library="keras",
    backbone=BACKBONE,
    weights="imagenet",
    checkpoint="model.keras",
    phase_one_checkpoint="head.keras",
    upper_layers=["conv_pw_13", "conv_pw_13_bn"],
)


class KerasHomework(Struct):
    """The files of a commit, the folder with the published weights, and the pictures by image_id."""

    files: dict[str, bytes]
    weights: Path
    final: Any  # keras.Model
    pictures: dict[str, bytes]

    def submission(self, folder: Path, files: dict[str, bytes], weights: Path | None = None) -> Submission:
        return submission(folder, {**self.files, **files}, weights=weights or self.weights, device="cpu")

    def predictions(self, interpolation: str) -> bytes:
        """What the final network says, its images opened as Keras opens them."""
        scores = probabilities(self.final, list(self.pictures.values()), interpolation)
        guesses = scores.argmax(1)
        rows = [
            (name, CLASSES[number % 2], CLASSES[guess], 0.9)
            for number, (name, guess) in enumerate(zip(self.pictures, guesses, strict=True))
        ]
        return table(("image_id", "label", "predicted", "score"), rows)


def picture(number: int) -> bytes:
    """Even numbers are dark, odd ones bright; the last one is bright where every second pixel is taken."""
    levels = numpy.random.default_rng(number).integers(0, 60, (4 * SIDE, 4 * SIDE, 3))
    levels += 20 if number % 2 == 0 else 170
    if number == TESTS - 1:
        levels[:] = 10
        levels[2::4, 2::4] = 220
    file = io.BytesIO()
    Image.fromarray(levels.astype(numpy.uint8)).save(file, format="PNG")
    return file.getvalue()


def opened(content: bytes, interpolation: str) -> Any:
    image = keras.utils.load_img(io.BytesIO(content), target_size=(SIDE, SIDE), interpolation=interpolation)
    return keras.applications.mobilenet.preprocess_input(keras.utils.img_to_array(image))


def probabilities(network: Any, contents: list[bytes], interpolation: str = "nearest") -> Any:
    images = numpy.stack([opened(content, interpolation) for content in contents])
    return network(images, training=False).detach().numpy()


def published() -> Any:
    """The backbone with random tensors in place of the ones that Keras would download."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(4)
    base = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3))
    for variable in base.weights:
        if variable.name == "moving_variance":
            variable.assign(torch.full(tuple(variable.shape), 0.03))  # so that no signal fades
    return base


def direction(features: Tensor) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a head that tells even pictures from odd ones: by the line between their means."""
    apart = features[1::2].mean(dim=0) - features[::2].mean(dim=0)
    along = 20 * apart / apart.square().sum()
    places = features @ along
    middle = (places[::2].max() + places[1::2].min()) / 2
    return torch.stack([-along, along], dim=1), torch.stack([middle, -middle])


def headed(base: Any, head: tuple[Tensor, Tensor]) -> Any:
    """With the layers that students put on top, and a Dropout that an evaluation leaves out."""
    layers = keras.layers
    features = layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(base.output))
    network = keras.Model(base.input, layers.Dense(2, activation="softmax", name="answer")(features))
    network.get_layer("answer").set_weights([each.numpy() for each in head])
    return network


def saved(network: Any, folder: Path, ending: str = "keras") -> bytes:
    path = folder / f"network.{ending}"
    network.save(path)
    return path.read_bytes()


def make(folder: Path) -> KerasHomework:
    base = published()
    pictures = {f"picture-{number:03}": picture(number) for number in range(TESTS)}
    images = numpy.stack([opened(content, "nearest") for content in pictures.values()])
    with torch.no_grad():
        features = base(images, training=False).mean(dim=(1, 2))
    head = direction(features)
    weights = {
        f"{layer.name}.{each.name}": each.value.detach().clone()
        for layer in base.layers
        for each in layer.weights
    }
    save_file(weights, folder / f"keras-{BACKBONE}-imagenet.safetensors")
    (folder / f"keras-{BACKBONE}-imagenet.safetensors").chmod(0o644)
    phase_one = saved(headed(base, head), folder)
    kernel = base.get_layer("conv_pw_13").kernel
    kernel.assign(kernel.value * 1.001)
    final = headed(base, head)
    homework = KerasHomework({}, folder, final, pictures)
    guesses = probabilities(final, list(pictures.values())).argmax(1)
    right = float((guesses == numpy.arange(TESTS) % 2).mean())
    homework.files |= {
        "submission.toml": CONTRACT.encode(),
        "data/splits.csv": table(
            ("image_id", "label", "split", "sha256"),
            [(name, CLASSES[number % 2], "test", hashlib.sha256(content).hexdigest())
             for number, (name, content) in enumerate(pictures.items())],
        ),
        "results.json": json.dumps({"test_accuracy": right, "test_images": TESTS}).encode(),
        "predictions.csv": homework.predictions("nearest"),
        "model.keras": saved(final, folder),
        "head.keras": phase_one,
        **{f"data/images/{name}.png": content for name, content in pictures.items()},
    }  # fmt: skip
    return homework
