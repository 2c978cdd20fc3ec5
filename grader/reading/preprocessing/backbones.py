"""A network with the weights that it starts from, and how these weights want their images."""

from msgspec import Struct

from grader.ground.reference import Reference
from grader.reading.preprocessing import affine
from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.references import Unknown, accepted


class Backbone(Struct, frozen=True):
    """A network with pretrained weights. `pretrained` is False where it starts from random weights.

    `references` are empty where nobody publishes how these weights want their images, or nobody knows
    which weights they are.
    """

    library: str
    name: str
    weights: str
    where: str
    pretrained: bool
    references: tuple[Reference, ...] = ()

    @property
    def framework(self) -> str:
        return "keras" if self.library in ("keras", "tfhub") else "torch"

    @property
    def shown(self) -> str:
        return f"{self.name} {self.weights}".strip()


def known(library: str, name: str, weights: str, where: str) -> Backbone:
    """The pretrained backbone with the references of the table."""
    try:
        references = accepted(library, name, weights)
    except Unknown:
        references = ()
    return Backbone(library, name, weights, where, True, references)


def wanted(reference: Reference) -> Affine:
    """What the weights want, as values of a pixel."""
    return affine.standard(reference.mean, reference.std, reference.order)
