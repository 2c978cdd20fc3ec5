"""One way to prepare an image for a network: a row of the table of weights, and of requests to workers."""

from msgspec import Struct

Triple = tuple[float, float, float]  # one value for each colour

ALIASED = "bilinear, not antialiased"  # tf.image.resize, and so image_dataset_from_directory


class Reference(Struct, frozen=True, kw_only=True):
    """One accepted way to prepare an image: resize, cut, scale to 0..1, subtract `mean`, divide by `std`.

    `resize` is the shorter side in pixels and `crop` the side of the square; 0 where the source says nothing.
    `fit` is `center` (cut out of the middle), `squash` (both sides become `resize`) or `border` (padded).
    `order` is `rgb` or `bgr`, the order of mean and std too. `source` says who published it.
    """

    resize: int
    crop: int
    fit: str
    interpolation: str
    mean: Triple
    std: Triple
    order: str
    source: str
