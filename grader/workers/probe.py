"""Draws the probe images, and reads from the arrays that a submission's program made of them how it prepares
images.

$ python -m grader.workers.probe < request.json > answer.json
"""

from pathlib import Path

import numpy
from PIL import Image

from grader.workers import wire
from grader.workers.messages import DrawProbes, Probed, ProbedAll, ReadProbes
from grader.workers.parts import probe_image
from grader.workers.parts.probe_image import Array

ARRAY_BYTES = 32 << 20
SIDES = (32, 1024)  # pixels
CLOSE = 3.0  # grey levels; the right way differs by 1 at most, the next one by 14
LINEAR = 0.01  # of the range: how far a patch may lie from a straight line


class Odd(ValueError):
    """The array is nothing that a network is fed: what it is instead."""


def answer(request: DrawProbes | ReadProbes) -> ProbedAll:
    if isinstance(request, DrawProbes):
        for name in probe_image.SIZES:
            probe_image.draw(name).save(Path(request.folder, f"{name}.png"))
        return ProbedAll()
    expected = [(each.resize, each.fit, each.interpolation) for each in request.references]
    return ProbedAll({name: _probed(Path(path), name, expected) for name, path in request.paths.items()})


def _probed(path: Path, name: str, expected: list[tuple[int, str, str]]) -> Probed:
    try:
        return _read(_array(path), probe_image.draw(name), expected)
    except Odd as trouble:
        return Probed(trouble=str(trouble))


def _array(path: Path) -> Array:
    """float64 [3, height, width]. Never a pickle, and no more memory than the file is long."""
    if path.stat().st_size > ARRAY_BYTES:
        raise Odd(f"has {path.stat().st_size:,} bytes, more than the {ARRAY_BYTES:,} that are read")
    try:
        # Mapped, an array cannot be larger than its file, whatever its header says.
        mapped = numpy.load(path, mmap_mode="r", allow_pickle=False)
        array = numpy.array(mapped, dtype=numpy.float64)
    except (ValueError, TypeError, OSError, OverflowError, EOFError, SyntaxError, MemoryError):
        raise Odd("is no .npy file of numbers") from None
    shape = array.shape
    if array.ndim == 4 and shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[0] != 3 and array.shape[2] == 3:
        array = array.transpose(2, 0, 1)  # Keras' order
    if array.ndim != 3 or array.shape[0] != 3 or not all(SIDES[0] <= n <= SIDES[1] for n in array.shape[1:]):
        raise Odd(f"has the shape {shape}, expected 3 x height x width")
    if not numpy.isfinite(array).all():
        raise Odd("holds values that are not finite")
    return array


def _read(prepared: Array, image: Image.Image, expected: list[tuple[int, str, str]]) -> Probed:
    order, mean, std = _colours(probe_image.patches(prepared))
    _, height, width = prepared.shape
    found = Probed(order=order, mean=mean, std=std, height=height, width=width)
    if height != width:
        return found
    levels = 255 * (prepared * numpy.reshape(std, (3, 1, 1)) + numpy.reshape(mean, (3, 1, 1)))
    channels = ["rgb".index(letter) for letter in order]
    for way in probe_image.ways(height, expected):
        apart = numpy.abs(probe_image.prepare(image, height, way)[channels] - levels)
        if numpy.percentile(apart, 99.9) <= CLOSE:
            resize, fit, interpolation = way
            return Probed(
                order=order,
                mean=mean,
                std=std,
                height=height,
                width=width,
                resize=resize,
                fit=fit,
                interpolation=interpolation,
            )
    return found


def _colours(found: Array) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """Which colour each channel is, and the mean and std that made it, on the scale 0..1. Raises Odd.

    A channel is (colour / 255 - mean) / std, a straight line; of the three colours only one fits a line.
    """
    order, means, stds = "", [], []
    for channel in found.T:
        fits = [numpy.polyfit(colour / 255, channel, 1, full=True) for colour in probe_image.PATCHES.T]
        residuals = [float(residual[0]) if len(residual) else 0.0 for _, residual, *_ in fits]
        best = int(numpy.argmin(residuals))
        slope, shift = fits[best][0]
        if slope <= 0 or residuals[best] ** 0.5 > LINEAR * (float(numpy.ptp(channel)) or 1.0):
            raise Odd("is no picture whose colours were scaled and shifted")
        order += "rgb"[best]
        means.append(-shift / slope)
        stds.append(1 / slope)
    if sorted(order) != ["b", "g", "r"]:
        raise Odd(f"has the colours {order} as its channels")
    return order, tuple(map(float, means)), tuple(map(float, stds))


if __name__ == "__main__":
    wire.serve(DrawProbes | ReadProbes, answer)  # type: ignore[arg-type]
