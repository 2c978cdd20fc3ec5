"""What the grader asks its workers and what they answer: JSON on stdin and stdout, checked on both sides."""

from msgspec import Struct

from grader.ground.reference import Reference


class Unavailable(Struct, frozen=True, tag="unavailable"):
    """The worker cannot do its work on this machine: nobody's fault."""

    reason: str
    hint: str = ""


class Head(Struct, frozen=True):
    """What stands in the place of the library's last layer: layers of these sizes, each with ReLU and dropout
    behind it, and a last one. `dropout` is their probability.
    """

    hidden: tuple[int, ...] = ()
    dropout: float = 0.0


class Evaluate(Struct, frozen=True, kw_only=True):
    """Predict `images` with one network and several sets of trained tensors. Labels are not part of it.

    The first checkpoint is the one that matters: where it is refused, nothing is predicted. It alone predicts
    the `further` images.
    """

    library: str
    backbone: str
    classes: int
    head: Head = Head()
    pretrained: str  # a safetensors file of ours: every tensor of the network, the head aside; "" without one
    checkpoints: dict[str, str]  # name -> file of the submission
    images: tuple[str, ...]
    further: tuple[str, ...] = ()
    reference: Reference
    device: str = "cpu"  # auto | cpu | cuda | mps
    threads: int = 1
    batch: int = 8  # small batches stay in the processor's cache
    size: tuple[int, int] | None = None  # height and width where the network says them, not the reference


class Prediction(Struct, frozen=True):
    """The network's answer for `images[image]`; `margin` is the largest logit minus the second largest."""

    image: int
    predicted: int
    probability: float
    margin: float


class Change(Struct, frozen=True):
    """A tensor of a checkpoint that differs from the pretrained one; all of the head's count as changed.

    `size` counts its values, `largest` is the largest absolute difference or, for the head, which nobody
    pretrained, absolute value.
    `statistic` marks what BatchNorm counts along, which is no weight.
    """

    name: str
    head: bool
    statistic: bool
    largest: float
    size: int = 0  # in evidence from before it was counted
    spacings: float = 0.0  # the largest change, in steps of float32 at the pretrained value; 0: not counted


class Examined(Struct, frozen=True, kw_only=True):
    """One checkpoint. `refused` says in one sentence why it was not used; then all else is empty.
    `not_built`: nothing is wrong with it, but such a network cannot be run here.

    `undetermined`: why its tensors could not be compared; then it has predictions only. `hint` goes with
    either.
    """

    format: str = "safetensors"  # safetensors | pickle | onnx | keras | h5; "" where it is none of them
    refused: str = ""
    not_built: bool = False
    hint: str = ""
    undetermined: str = ""
    mixed: bool = False  # the file says that its network computes in half precision
    predictions: tuple[Prediction, ...] = ()
    changed: tuple[Change, ...] = ()
    kept: int = 0  # weights below the head that equal the pretrained ones bit by bit
    sketch: tuple[float, ...] = ()  # a random projection of the change, see grader.workers.parts.sketch
    answers: tuple[float, ...] = ()  # of the first checkpoint to fixed noise, see grader.workers.parts.noise


class Unreadable(Struct, frozen=True):
    """`images[image]` is no picture that the worker opens."""

    image: int
    reason: str


class Evaluated(Struct, frozen=True, kw_only=True, tag="evaluated"):
    device: str
    checkpoints: dict[str, Examined]
    unreadable: tuple[Unreadable, ...] = ()
    further: tuple[Prediction, ...] = ()  # of those further images that open


class Part(Struct, frozen=True):
    """One submission of a class: its files of tensors and its images, as in `Evaluate`."""

    checkpoints: dict[str, str]
    images: tuple[str, ...]
    further: tuple[str, ...] = ()


class EvaluateClass(Struct, frozen=True, kw_only=True):
    """The same as `Evaluate` for many submissions that declare the same network."""

    library: str
    backbone: str
    classes: int
    head: Head = Head()
    pretrained: str
    reference: Reference
    parts: tuple[Part, ...]
    device: str = "cpu"
    threads: int = 1


class EvaluatedClass(Struct, frozen=True, tag="evaluated_class"):
    """In the order of the parts; None where the child that evaluated it broke."""

    answers: tuple[Evaluated | None, ...]


class FetchWeights(Struct, frozen=True):
    """Write the pretrained tensors of a network to `path`, as safetensors."""

    library: str
    backbone: str
    weights: str
    path: str


class Fetched(Struct, frozen=True, tag="fetched"):
    """The file is there."""


class FindAlike(Struct, frozen=True):
    """Find images that look the same; those of one group are not compared."""

    images: tuple[str, ...]
    groups: tuple[int, ...]


class Pair(Struct, frozen=True):
    """Two images that were compared and whose fingerprints differ in so many of 64 bits."""

    one: int
    other: int
    distance: int
    mirrored: bool


class Alike(Struct, frozen=True, tag="alike"):
    """The first pairs, and how many there are."""

    pairs: tuple[Pair, ...] = ()
    count: int = 0


class MoveImages(Struct, frozen=True):
    """Write each image, moved by a pixel and encoded anew, into `folder` under its name here."""

    images: dict[str, str]  # name without ending -> path
    folder: str


class MovedImages(Struct, frozen=True, tag="moved"):
    """Those that open are there."""


class DrawProbes(Struct, frozen=True, tag="draw"):
    """Write each of the probe images into `folder`, as <name>.png."""

    folder: str


class ReadProbes(Struct, frozen=True, tag="read"):
    """What was made of probe images, .npy files by the image's name; `references`: looked for first."""

    paths: dict[str, str]
    references: tuple[Reference, ...]


class Probed(Struct, frozen=True, kw_only=True, tag="probed"):
    """How a probe image was prepared. `trouble`: what the array is instead; then all else is empty.

    `mean` and `std` are on the scale 0..1, in the `order` of the channels; `resize` 0 where no known way
    fits.
    """

    order: str = ""
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    height: int = 0
    width: int = 0
    resize: int = 0
    fit: str = ""
    interpolation: str = ""
    trouble: str = ""


class ProbedAll(Struct, frozen=True, tag="probes"):
    """By the image's name; empty for the request to draw."""

    images: dict[str, Probed] = {}


class CompareTensors(Struct, frozen=True):
    """Two safetensors files whose tensors are compared."""

    one: str
    other: str


class Compared(Struct, frozen=True, tag="compared"):
    """Of `tensors` that both have, `different` differ, first `names`; `alone` are in one file only."""

    tensors: int = 0
    different: int = 0
    names: tuple[str, ...] = ()
    alone: int = 0
    refused: str = ""
