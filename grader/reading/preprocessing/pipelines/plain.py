"""Images that own code loads and calculates with: OpenCV, Pillow, NumPy, `tf.io`."""

from collections.abc import Iterator

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import keras_data, labels, roles, walk
from grader.reading.programs import Reader

ROLES = {"fit": "train", "predict": "predict"}


def find(reader: Reader) -> Iterator[Chain]:
    """One chain for each place at which loaded pixels reach a network, or leave a function for one."""
    for fed in reader.once(walk.fed):
        if fed.use in ("show", "flow") or (fed.use == "return" and not _is_used(reader, fed.function)):
            continue
        role = ROLES.get(fed.use) or roles.of(fed.function)
        if role == "display" or keras_data.is_shown(reader, fed.node) or reader.source(fed.node).tree is None:
            continue
        yield Chain(
            where=reader.place(fed.node),
            role="predict" if role == "eval" and fed.use == "return" else role,
            values=fed.values,
            scaled=fed.values != Affine(),
            origin=(id(fed.node if fed.use != "return" else reader.function(fed.node)),),
        )


def _is_used(reader: Reader, function: str) -> bool:
    """By name in `map`, or by PyTorch's protocol. What nothing refers to feeds nothing."""
    return function == "__getitem__" or any(
        labels.is_read(reader, source, function) for source in reader.program.sources
    )
