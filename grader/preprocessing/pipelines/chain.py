"""What is known of one way from an image file to a network."""

from msgspec import Struct
from msgspec.structs import replace

from grader.preprocessing.affine import Affine


class Chain(Struct, frozen=True, kw_only=True):
    """`values` is None where reading cannot tell what becomes of the pixels. Sizes are 0 where nothing says.

    `role` is `train`, `eval`, `both`, `predict` (one image at a time, after training) or `model` (a part of
    the network itself). `frameworks` of the library that calls it, empty for plain arithmetic.
    """

    where: str
    role: str = "both"
    framework: str = ""
    values: Affine | None = Affine()
    scaled: bool = False  # something in it changes values: not mere augmentation
    resize: int = 0
    squash: bool = False
    crop: int = 0
    random: str = ""  # a step that gives another picture each time
    library: bool = False  # takes its values from the weights themselves
    name: str = ""  # the variable or function that holds it

    def then(self, step: "Chain") -> "Chain":
        """This chain followed by a step, whose sizes replace those before."""
        values = self.values.then(step.values) if self.values and step.values else None
        return replace(
            self,
            values=values,
            scaled=self.scaled or step.scaled,
            resize=step.resize or self.resize,
            squash=step.squash or self.squash,
            crop=step.crop or self.crop,
            random=self.random or step.random,
            library=self.library or step.library,
        )
