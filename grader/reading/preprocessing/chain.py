"""What is known of one way from an image file to a network."""

from collections.abc import Set

from msgspec import Struct
from msgspec.structs import replace

from grader.ground.reference import Triple
from grader.reading.preprocessing.affine import Affine

UNIT = Affine().times(1 / 255)  # 0..255 becomes 0..1


class Normalisation(Struct, frozen=True):
    """`(x - mean) / std`. None: the number that is published with the weights, whatever they are."""

    mean: Triple | None = None
    std: Triple | None = None


class Chain(Struct, frozen=True, kw_only=True):
    """`values` is None where reading cannot tell what becomes of the pixels. Sizes are 0 where nothing says.

    `role` is `train`, `eval`, `both`, `predict` (one image at a time, after training), `record` (what the
    training wrote into its log) or `model` (a part of the network itself). `framework` of the library that
    calls it, empty for plain arithmetic.
    """

    where: str
    role: str = "both"
    framework: str = ""
    values: Affine | None = Affine()
    last: Normalisation | None = None  # after `values`: a normalisation that takes numbers from the weights
    scaled: bool = False  # something in it changes values: not mere augmentation
    tensor: bool = False  # what leaves it is an array of numbers, not a picture any more
    resize: int = 0
    squash: bool = False
    crop: int = 0
    interpolation: str = ""
    random: str = ""  # a step that gives another picture each time
    library: bool = False  # takes everything from the weights themselves
    checkpoint: str = ""  # of which weights, where that is said
    optional: bool = False  # only one of several branches of the program comes here
    by_type: bool = False  # begins with a division by 255 that only bytes get, no floats
    floats: bool = False  # what leaves it are floats
    origin: tuple[
        int, ...
    ] = ()  # ids of the nodes that make it, by which objects are followed to who gets it

    def is_made_in(self, nodes: Set[int]) -> bool:
        return bool(self.origin) and all(node in nodes for node in self.origin)

    def then(self, step: "Chain") -> "Chain":
        """This chain followed by a step, whose sizes replace those before."""
        if step.by_type and self.floats:
            step = step.of_floats()
        return replace(
            self,
            values=_after(self, step),
            last=step.last or self.last,
            scaled=self.scaled or step.scaled,
            tensor=self.tensor or step.tensor,
            resize=step.resize or self.resize,
            squash=step.squash or self.squash,
            crop=step.crop or self.crop,
            interpolation=step.interpolation or self.interpolation,
            random=self.random or step.random,
            library=self.library or step.library,
            checkpoint=step.checkpoint or self.checkpoint,
            optional=self.optional or step.optional,
            by_type=self.by_type or (step.by_type and self.values == Affine()),
            floats=self.floats or step.floats,
        )

    def of_floats(self) -> "Chain":
        """The same chain where floats of 0..1 come to it: a change of type does not divide them again."""
        values = Affine().times(255).then(self.values) if self.by_type and self.values else self.values
        return replace(self, values=values, by_type=False)

    @property
    def published(self) -> bool:
        """Nothing in it is the student's own: whatever the weights are, it is right for them."""
        return self.values is not None and (
            self.library or (self.values == UNIT and self.last == Normalisation())
        )

    @property
    def is_raw(self) -> bool:
        """Pixels as they were, or as 0..1."""
        return self.values in (Affine(), UNIT) and self.last is None and not self.library

    def seen(self, mean: Triple, std: Triple) -> Affine | None:
        """What becomes of a pixel where these numbers are published with the weights."""
        if self.values is None or self.last is None:
            return self.values
        return self.values.normalised(self.last.mean or mean, self.last.std or std)


def _after(first: Chain, step: Chain) -> Affine | None:
    """A step that changes values is unknown after, and before, what only the weights can tell."""
    if first.values is None or step.values is None:
        return None
    if (first.library or first.last) and step.scaled:
        return None
    if step.library and first.values != Affine():
        return None
    return first.values.then(step.values)
