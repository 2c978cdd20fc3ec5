"""What a chain of steps does to the values of an image: one factor and one shift for each colour."""

from collections.abc import Sequence

from msgspec import Struct

from grader.ground.reference import Triple

# Flat images: black, white, pure colours, and the mean of photographs. They determine a factor and a shift.
PROBES: tuple[Triple, ...] = (
    (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), (255.0, 0.0, 0.0), (0.0, 255.0, 0.0), (0.0, 0.0, 255.0),
    (124.0, 116.0, 104.0),
)  # fmt: skip


class Affine(Struct, frozen=True):
    """A pixel (R, G, B) of 0..255 becomes `factor * colour + shift`, colours in `order`, rgb or bgr."""

    factor: Triple = (1.0, 1.0, 1.0)
    shift: Triple = (0.0, 0.0, 0.0)
    order: str = "rgb"

    def times(self, factor: float | Sequence[float]) -> "Affine":
        by = _three(factor)
        return Affine(_product(self.factor, by), _product(self.shift, by), self.order)

    def plus(self, shift: float | Sequence[float]) -> "Affine":
        first, second, third = (one + other for one, other in zip(self.shift, _three(shift), strict=True))
        return Affine(self.factor, (first, second, third), self.order)

    def swapped(self) -> "Affine":
        """The first and the last colour change places."""
        return Affine(_reversed(self.factor), _reversed(self.shift), "bgr" if self.order == "rgb" else "rgb")

    def normalised(self, mean: Sequence[float], std: Sequence[float]) -> "Affine":
        return self.plus([-each for each in _three(mean)]).times([1 / each for each in _three(std)])

    def then(self, other: "Affine") -> "Affine":
        """`other` applied to what this one gives."""
        first = self.swapped() if other.order == "bgr" else self
        return first.times(other.factor).plus(other.shift)

    def apply(self, pixel: Triple) -> Triple:
        ordered = pixel if self.order == "rgb" else _reversed(pixel)
        first, second, third = (f * c + s for f, c, s in zip(self.factor, ordered, self.shift, strict=True))
        return first, second, third

    @property
    def mean(self) -> Triple:
        """On the scale 0..1 and in `order`: a network sees (pixel / 255 - mean) / std."""
        first, second, third = (-s / (f * 255) for f, s in zip(self.factor, self.shift, strict=True))
        return first, second, third

    @property
    def std(self) -> Triple:
        first, second, third = (1 / (f * 255) for f in self.factor)
        return first, second, third


def standard(mean: Sequence[float], std: Sequence[float], order: str = "rgb") -> Affine:
    """(pixel / 255 - mean) / std with colours in `order`."""
    start = Affine() if order == "rgb" else Affine().swapped()
    return start.times(1 / 255).normalised(mean, std)


def distance(found: Affine, wanted: Affine) -> float:
    """The largest difference between the two over the probe images, in grey levels of 0..255."""
    return max(
        abs(one - other) / abs(factor)
        for probe in PROBES
        for one, other, factor in zip(found.apply(probe), wanted.apply(probe), wanted.factor, strict=True)
    )


def _three(value: float | Sequence[float]) -> Triple:
    if isinstance(value, int | float):
        return float(value), float(value), float(value)
    first, second, third = value
    return float(first), float(second), float(third)


def _product(one: Triple, other: Triple) -> Triple:
    first, second, third = (a * b for a, b in zip(one, other, strict=True))
    return first, second, third


def _reversed(value: Triple) -> Triple:
    first, second, third = value
    return third, second, first
