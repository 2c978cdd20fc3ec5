"""Our reference path against torchvision's transforms, and pictures that nobody should open."""

import io
import struct
import zlib
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image
from torchvision import transforms

from grader.reading.preprocessing.references import Reference
from grader.workers.parts import pictures

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def reference(resize: int, crop: int, interpolation: str, fit: str = "center") -> Reference:
    mean, std = IMAGENET
    return Reference(
        resize=resize,
        crop=crop,
        fit=fit,
        interpolation=interpolation,
        mean=mean,
        std=std,
        order="rgb",
        source="",
    )


@pytest.mark.parametrize("size", [(640, 427), (427, 641), (333, 333), (256, 300), (64, 64), (31, 200)])
@pytest.mark.parametrize(
    "wanted",
    [
        reference(256, 224, "bicubic"),
        reference(235, 224, "bilinear"),
        reference(168, 160, "bilinear"),
        reference(224, 224, "bicubic", "squash"),
    ],
)
def test_the_reference_path_is_torchvisions(size: tuple[int, int], wanted: Reference, tmp_path: Path) -> None:
    pixels = numpy.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), dtype=numpy.uint8)
    image = Image.fromarray(pixels)
    image.save(tmp_path / "image.png")
    side = (wanted.resize, wanted.resize) if wanted.fit == "squash" else wanted.resize
    theirs = transforms.Compose(
        [
            transforms.Resize(side, transforms.InterpolationMode(wanted.interpolation)),
            transforms.CenterCrop(wanted.crop),
            transforms.ToTensor(),
            transforms.Normalize(*IMAGENET),
        ]
    )(image)
    assert torch.equal(pictures.tensor(str(tmp_path / "image.png"), wanted), theirs)


def bomb(width: int, height: int) -> bytes:
    """A PNG file of some kilobytes that decodes to width x height grey pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def as_file(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, format=kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bomb(12_000, 12_000), "has 12000x12000 pixels, at most 50,000,000 are opened"),
        (bomb(60_000, 60_000), "is not a whole JPEG"),  # Pillow itself refuses
        (as_file("JPEG")[:-100], "is not a whole JPEG"),
        (as_file("GIF"), "is not a whole JPEG"),
        (as_file("TIFF"), "is not a whole JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is not a whole JPEG"),
        (b"", "is not a whole JPEG"),
    ],
)
def test_what_is_no_picture_is_not_opened(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(content)
    with pytest.raises(pictures.Unreadable, match=reason):
        pictures.tensor(str(tmp_path / "image"), reference(256, 224, "bilinear"))


def test_a_picture_of_one_row_asks_for_no_gigabytes(tmp_path: Path) -> None:
    """Resized as its proportions want it, it would have 3,000 million pixels."""
    Image.new("L", (60_000, 1)).save(tmp_path / "image.png")
    with pytest.raises(pictures.Unreadable, match="has 60000x1 pixels: resized, more than 50,000,000"):
        pictures.tensor(str(tmp_path / "image.png"), reference(256, 224, "bilinear"))


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "CMYK", "LA"])
def test_every_mode_becomes_three_colours(mode: str, tmp_path: Path) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new("RGB", (30, 20), "red").convert(mode).save(tmp_path / "image", format=kind)
    assert pictures.tensor(str(tmp_path / "image"), reference(32, 24, "bilinear")).shape == (3, 24, 24)
