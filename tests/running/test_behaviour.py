"""The probe images: libraries prepare them, right and wrong, and the worker has to read out how."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image
from torchvision import models, transforms
from torchvision.transforms import functional

from grader.checks import preprocessing_measured
from grader.checks.preprocessing import Preprocessing, PreprocessingMeasured
from grader.ground.verdict import Unmeasured
from grader.reading import preprocessing
from grader.running.behaviour import Behaviour
from grader.workers import probe
from grader.workers.messages import Probed, ReadProbes
from grader.workers.parts import probe_image
from tests.running.conftest import Give
from tests.workers.conftest import CONTRACT

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
RESNET = preprocessing.accepted("torchvision", "resnet18", "IMAGENET1K_V1")

Prepare = Callable[[Image.Image], Any]


def read(prepare: Prepare, folder: Path, references: Any = RESNET) -> Behaviour:
    found = {name: read_one(prepare, folder, name, references) for name in ("landscape", "portrait")}
    return Behaviour(**found)


def read_one(prepare: Prepare, folder: Path, name: str, references: Any = RESNET) -> Probed:
    path = folder / "probe.npy"
    numpy.save(path, numpy.asarray(prepare(probe_image.draw(name))))
    return probe.answer(ReadProbes({name: str(path)}, references)).images[name]


def findings(found: Behaviour, references: Any = RESNET) -> list[tuple[str, str]]:
    return [
        (each.level, each.message)
        for each in preprocessing_measured.findings(found, references, "these weights")
    ]


@pytest.mark.parametrize(
    ("backbone", "weights"),
    [("resnet18", "IMAGENET1K_V1"), ("resnet50", "IMAGENET1K_V2"), ("inception_v3", "IMAGENET1K_V1"),
     ("efficientnet_b0", "IMAGENET1K_V1"), ("convnext_tiny", "IMAGENET1K_V1"), ("swin_t", "IMAGENET1K_V1"),
     ("vgg16", "IMAGENET1K_FEATURES"), ("vit_b_16", "IMAGENET1K_SWAG_E2E_V1")],
)  # fmt: skip
def test_what_torchvision_publishes_is_read_back(backbone: str, weights: str, tmp_path: Path) -> None:
    references = preprocessing.accepted("torchvision", backbone, weights)
    transform = models.get_model_weights(backbone)[weights].transforms()
    both = read(transform, tmp_path, references)
    ((level, message),) = findings(both, references)
    assert level == "note", message
    for found in (both.landscape, both.portrait):
        assert (found.resize, found.width) == (transform.resize_size[0], transform.crop_size[0])


def after(*steps: Any) -> Prepare:
    start = [transforms.Resize(256), transforms.CenterCrop(224)]
    return transforms.Compose([*start, *steps])


NORMALISED = (transforms.ToTensor(), transforms.Normalize(MEAN, STD))


def by_itself(tensor: torch.Tensor) -> torch.Tensor:
    """As `tf.image.per_image_standardization` does."""
    return (tensor - tensor.mean()) / tensor.std()


def to_width(image: Image.Image) -> Image.Image:
    """The shorter side of a broad image becomes 256, the longer one of a high image."""
    height = 256 if image.width > image.height else 256 * image.width // image.height
    return image.resize((round(height * image.width / image.height), height), Image.Resampling.BILINEAR)


def without_antialias(image: Image.Image) -> torch.Tensor:
    tensor = functional.resize(functional.pil_to_tensor(image).float() / 255, 256, antialias=False)
    return functional.normalize(functional.center_crop(tensor, 224), MEAN, STD)


def like_keras(image: Image.Image) -> numpy.ndarray[Any, Any]:
    """load_img with its default filter, and `preprocess_input` of ResNet50: BGR less the means."""
    pixels = numpy.asarray(image.resize((224, 224), Image.Resampling.NEAREST), dtype=numpy.float32)
    return pixels[None, :, :, ::-1] - numpy.array([103.939, 116.779, 123.68], dtype=numpy.float32)


@pytest.mark.parametrize(
    ("prepare", "level", "words"),
    [
        (after(*NORMALISED), "note", "rgb with mean (0.485, 0.456, 0.406) and std (0.229, 0.224, 0.225)"),
        (after(*NORMALISED, lambda tensor: tensor.half()), "note",
         "center resize 256, size 224x224, bilinear"),
        (after(transforms.ToTensor()), "error", "0..1, not normalised"),
        (after(transforms.PILToTensor()), "error", "0..255, neither scaled nor normalised"),
        (after(transforms.ToTensor(), lambda tensor: tensor / 255, transforms.Normalize(MEAN, STD)),
         "error", "divided by 255 twice"),
        (after(transforms.PILToTensor(), lambda tensor: tensor.float(), transforms.Normalize(MEAN, STD)),
         "error", "0..255 was normalised"),
        (after(*NORMALISED, lambda tensor: tensor.flip(0)), "error", "the colours come as bgr"),
        (after(transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)),
         "error", "mean (0.5, 0.5, 0.5)"),
        (after(transforms.ToTensor(), transforms.Normalize((0.485, 0.465, 0.406), STD)), "error", "0.465"),
        (after(transforms.ToTensor(), by_itself), "error", "by numbers of the image itself"),
        (transforms.Compose([to_width, transforms.CenterCrop(192), *NORMALISED]), "warning", "size 192x192"),
        (transforms.Compose([to_width, transforms.Resize(224), transforms.CenterCrop(224), *NORMALISED]),
         "warning", "by no known way"),
        (like_keras, "error", "the colours come as bgr"),
        (without_antialias, "warning", "center resize 256, size 224x224, bilinear without antialias"),
        (transforms.Compose([transforms.Resize(232), transforms.CenterCrop(224), *NORMALISED]),
         "warning", "center resize 232, size 224x224, bilinear, these weights expects center resize 256"),
        (transforms.Compose([transforms.Resize((224, 224)), *NORMALISED]), "warning", "squash resize 224"),
        (transforms.Compose([transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
                             transforms.CenterCrop(224), *NORMALISED]), "warning", "bicubic"),
        (transforms.Compose([transforms.CenterCrop(300), transforms.Resize(224), *NORMALISED]),
         "warning", "by no known way"),
    ],
)  # fmt: skip
def test_slips_are_told_apart(prepare: Prepare, level: str, words: str, tmp_path: Path) -> None:
    ((found, message),) = findings(read(prepare, tmp_path))
    assert (found, words in message) == (level, True), message


def test_what_keras_does_for_its_own_weights_is_right(tmp_path: Path) -> None:
    references = preprocessing.accepted("keras", "ResNet50", "imagenet")
    ((level, message),) = findings(read(like_keras, tmp_path, references), references)
    assert level == "note", message


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "is no .npy file of numbers"),
        (b"\x80\x04pickle", "is no .npy file of numbers"),
        (b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (3,), }".ljust(128) + b"\n",
         "is no .npy file of numbers"),
        (b"\x93NUMPY\x01\x00v\x00"
         + b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 900000, 900000), }".ljust(117) + b"\n",
         "is no .npy file of numbers"),
    ],
)  # fmt: skip
def test_hostile_arrays_are_refused(content: bytes, trouble: str, tmp_path: Path) -> None:
    path = tmp_path / "probe.npy"
    path.write_bytes(content)
    assert probe.answer(ReadProbes({"landscape": str(path)}, RESNET)).images["landscape"].trouble == trouble


@pytest.mark.parametrize(
    ("array", "trouble"),
    [
        (numpy.zeros((2, 224, 224)), "has the shape (2, 224, 224), expected 3 x height x width"),
        (numpy.full((3, 224, 224), numpy.nan), "holds values that are not finite"),
        (numpy.zeros((3, 224, 224)), "is no picture whose colours were scaled and shifted"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_picture(array: Any, trouble: str, tmp_path: Path) -> None:
    assert read(lambda _: array, tmp_path).portrait.trouble == trouble


PREPARE = """
import sys
import numpy
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGB")
size, left, top = ((210, 168), 25, 4) if image.width > image.height else ((168, 210), 4, 25)
image = image.resize(size, Image.BILINEAR).crop((left, top, left + 160, top + 160))
numpy.save(sys.argv[2], ((numpy.array(image) / 255 - MEAN) / 0.5).transpose(2, 0, 1).astype("float32"))
"""


@pytest.mark.parametrize(("mean", "level"), [("0.5", "note"), ("0.45", "error")])
def test_the_submissions_own_program_is_measured(give: Give, mean: str, level: str) -> None:
    run = '[run]\npreprocess = ["python", "prepare.py", "{image}", "{out}"]\n'
    files = {"submission.toml": CONTRACT + run, "prepare.py": PREPARE.replace("MEAN", mean)}
    measured = Preprocessing().collect(give(**files))
    (found,) = [
        each for each in Preprocessing().judge(measured) if "measured on a probe image" in each.message
    ]
    assert found.level == level


def test_a_program_that_takes_a_folder_is_started_once(give: Give) -> None:
    run = '[run]\npreprocess = ["python", "all.py", "{images}", "{out}"]\n'
    every = """
import runpy, sys
from pathlib import Path
images, out = map(Path, sys.argv[1:])
assert len(list(images.iterdir())) == 2
for image in images.iterdir():
    sys.argv[1:] = [str(image), str(out / image.stem) + ".npy"]
    runpy.run_path("prepare.py")
"""
    prepare = PREPARE.replace("MEAN", "0.5")
    files = {"submission.toml": CONTRACT + run, "all.py": every, "prepare.py": prepare}
    measured = Preprocessing().collect(give(**files))
    assert isinstance(measured, PreprocessingMeasured) and isinstance(measured.probed, Behaviour)
    for probed in (measured.probed.landscape, measured.probed.portrait):
        assert (probed.mean, probed.height, probed.trouble) == (pytest.approx((0.5,) * 3, abs=0.01), 160, "")


def test_an_image_that_a_program_leaves_out_is_told(give: Give) -> None:
    run = '[run]\npreprocess = ["python", "none.py", "{images}", "{out}"]\n'
    measured = Preprocessing().collect(give(**{"submission.toml": CONTRACT + run, "none.py": ""}))
    assert isinstance(measured, PreprocessingMeasured) and isinstance(measured.probed, Unmeasured)
    assert "wrote no {out}/<image>.npy" in measured.probed.reason


def test_a_program_that_breaks_costs_no_points(give: Give) -> None:
    run = '[run]\npreprocess = ["python", "prepare.py"]\n'
    measured = Preprocessing().collect(give(**{"submission.toml": CONTRACT + run, "prepare.py": "1 / 0"}))
    assert isinstance(measured.probed, Unmeasured)
    told = "the program [run] preprocess ended with status 1: ZeroDivisionError"
    assert measured.probed.reason.startswith(told)
