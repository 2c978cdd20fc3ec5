"""What reading finds: steps in the code, and the record that a training program left."""

from msgspec import Struct


class Step(Struct, frozen=True, kw_only=True):
    """One step of preprocessing in the source code. Empty or 0 means that the step does not say.

    `mean` and `std` are on the scale 0..1. `library`: the step takes its values from the weights themselves.
    """

    where: str  # path:line
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    resize: int = 0
    crop: int = 0
    library: bool = False


class Recorded(Struct, frozen=True, kw_only=True):
    """What the training program wrote down when it started."""

    where: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: int = 0
    crop: int = 0
    interpolation: str = ""


class Applied(Struct, frozen=True):
    """All that says how a submission prepares its images. `unread` are sources that are no Python for us."""

    recorded: Recorded | None
    steps: tuple[Step, ...]
    unread: tuple[str, ...] = ()
