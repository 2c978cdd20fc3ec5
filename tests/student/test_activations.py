"""What is kept of images and of frozen layers: the same numbers in memory and from files, computed once."""

import io
import shutil

import numpy
import pytest
import torch
from finetune import preprocess
from finetune.parts import files, pixels
from finetune.parts.photographs import Photographs, batches
from finetune.speed import activations
from finetune.speed.activations import Activations
from finetune.submission import Model
from PIL import Image
from torch import nn

PREPARE = preprocess.of_weights(Model("torchvision", "resnet18", "IMAGENET1K_V1"))  # 256 -> 224


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Ten photographs of 500 x 400, each with the number of its class."""
    folder = tmp_path_factory.mktemp("photographs")
    draw = numpy.random.default_rng(0)
    images = []
    for number in range(10):
        noise = Image.fromarray(draw.integers(0, 255, (40, 50, 3), dtype=numpy.uint8))
        path = folder / f"{number}.png"
        noise.resize((500, 400), Image.Resampling.BICUBIC).save(path, compress_level=1)
        images.append((path, number % 2))
    return images


@pytest.fixture
def photographs(drawn, tmp_path, monkeypatch):
    """The same in a fresh current folder, where nothing is kept of them yet."""
    monkeypatch.chdir(tmp_path)
    return drawn


def rows(data):
    (values, labels), *more = batches(data, 16)
    assert not more
    return values, labels.tolist()


@pytest.mark.parametrize("view", ["", "a view"])
def test_activations_are_what_the_layers_give(photographs, view):
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, stride=8), nn.ReLU()).eval()
    data = Photographs(photographs, PREPARE, view)
    images, labels = rows(data)
    with torch.no_grad():
        expected = layers(images)
    values, same_labels = rows(Activations(data, layers))
    assert same_labels == labels == [0, 1] * 5
    assert torch.allclose(values, expected, rtol=1e-3, atol=1e-4)


def test_large_activations_are_read_from_files_as_needed(photographs, monkeypatch):
    data, layers = Photographs(photographs, PREPARE), nn.AvgPool2d(32)
    in_memory, _ = rows(Activations(data, layers))
    monkeypatch.setattr(activations, "IN_MEMORY", 0)
    monkeypatch.setattr(activations, "_computed", lambda _data, _layers, missing: iter(missing))
    on_disk = Activations(data, layers)
    assert on_disk.rows == []
    assert torch.equal(rows(on_disk)[0], in_memory)
    chosen = on_disk.__getitems__([9, 0, 3])
    assert [label for _, label in chosen] == [1, 0, 1]
    assert torch.equal(torch.stack([values for values, _ in chosen]), in_memory[[9, 0, 3]])


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.register_buffer("factor", torch.tensor(float(factor)))

    def forward(self, x):
        return x * self.factor


def test_numbers_that_do_not_fit_into_half_the_bits_keep_all(photographs):
    data = Photographs(photographs, PREPARE)
    values, _ = rows(Activations(data, Scale(1e6)))
    assert torch.equal(values, rows(data)[0] * 1e6)


def test_other_layers_views_or_images_are_other_activations(photographs):
    base = Activations(Photographs(photographs, PREPARE), Scale(1)).name
    assert Activations(Photographs(photographs, PREPARE), Scale(1)).name == base
    others = [
        Activations(Photographs(photographs, PREPARE), Scale(2)).name,
        Activations(Photographs(photographs, PREPARE, "a view"), Scale(1)).name,
        Activations(Photographs(photographs[1:], PREPARE), Scale(1)).name,
    ]
    assert len({base, *others}) == 4


def test_who_edits_the_augmentation_gets_other_activations(photographs, tmp_path, monkeypatch):
    """Of a view from before, what frozen layers made must not be used again, nor its pixels."""
    package = tmp_path / "finetune"
    shutil.copytree(files.PACKAGE, package)
    monkeypatch.setattr(files, "PACKAGE", package)
    before = Photographs(photographs, PREPARE, "a view").name
    assert Photographs(photographs, PREPARE, "a view").name == before
    pixels.shrunk(photographs[0][0], PREPARE)
    with (package / "preprocess.py").open("a") as program:
        program.write("# mirrored more often\n")
    assert Photographs(photographs, PREPARE, "a view").name != before
    pixels.shrunk(photographs[0][0], PREPARE)
    assert len(list((files.CACHE / "pixels").iterdir())) == 2


def test_reading_batches_leaves_the_random_numbers_of_the_network_alone(photographs):
    """Dropout must draw the same numbers whether or not frozen layers had to run before."""
    state = torch.get_rng_state()
    rows(Activations(Photographs(photographs, PREPARE), Scale(1)))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_photograph_is_decoded_once(photographs, monkeypatch):
    path = photographs[0][0]
    first = pixels.shrunk(path, PREPARE)
    assert first.dtype == torch.uint8
    assert first.shape == (3, 320, 400)  # 1.25 times 256
    exact = numpy.array(Image.open(path).resize((400, 320), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    difference = numpy.abs(first.numpy().astype(int) - exact)
    assert difference.max() <= 2
    assert difference.mean() < 0.1
    monkeypatch.setattr(preprocess, "load", None)
    assert torch.equal(pixels.shrunk(path, PREPARE), first)
    assert len(list((files.CACHE / "pixels").iterdir())) == 1


@pytest.mark.parametrize(
    ("mode", "ending"), [("L", "jpg"), ("CMYK", "jpg"), ("P", "png"), ("1", "bmp"), ("RGBA", "webp")]
)
def test_every_kind_of_image_is_kept_with_the_colours_of_evaluation(photographs, tmp_path, mode, ending):
    path = tmp_path / f"image.{ending}"
    Image.open(photographs[0][0]).resize((200, 100)).convert(mode).save(path)
    assert numpy.array_equal(pixels.shrunk(path, PREPARE).permute(1, 2, 0), preprocess.load(path))


def test_a_photograph_lies_as_its_file_says_in_training_and_evaluation(photographs, tmp_path):
    """The camera's note that it was held upright is ignored by both, as by the weights' own training."""
    content, upright = io.BytesIO(), Image.Exif()
    upright[0x0112] = 6
    Image.open(photographs[0][0]).resize((200, 100)).save(content, "JPEG", exif=upright)
    path = tmp_path / "held.jpg"
    path.write_bytes(content.getvalue())
    assert pixels.shrunk(path, PREPARE).shape == (3, 100, 200)
    assert preprocess.load(path).size == (200, 100)
