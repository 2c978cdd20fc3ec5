"""Opens what `model.save` of Keras wrote: its config as plain data, and its tensors, each by its path.

Nothing of the config becomes an object here: Keras' own loader would import and run what a config names.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import h5py
import numpy

from grader.workers.parts import archive, refusal
from grader.workers.parts.refusal import NotBuilt, Refused

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"  # entries of a .keras file
WHOLE = "model_weights"  # of an HDF5 file of a whole model
CONFIG_LARGEST = 16 << 20  # bytes; that of a network with 800 layers has 1 MB
OBJECTS = 20_000
DEPTH = 24  # of groups in groups
FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32"}
HINT = 'save the whole network with Keras: model.save("model.keras")'
BROKEN = (OSError, KeyError, ValueError, TypeError, RuntimeError, OverflowError, MemoryError, AttributeError)


class Saved(NamedTuple):
    """`tensors`: paths such as `layers/dense/vars/0`, or `dense/dense/kernel:0` in an `.h5` file."""

    config: Any
    tensors: Mapping[str, h5py.Dataset]
    is_h5: bool


def from_archive(path: str) -> Saved:
    """A `.keras` file. Raises Refused."""
    entries = archive.stored(path, "Keras")
    if CONFIG not in entries or WEIGHTS not in entries:
        raise Refused(f"is a ZIP archive without {CONFIG} and {WEIGHTS}, so none of Keras", HINT)
    if b'"keras_version": "2.' in entries.get(METADATA, b""):
        raise NotBuilt(
            "was written by Keras 2, whose .keras files are not read here", 'model.save("model.h5")'
        )
    file = _opened(io.BytesIO(entries[WEIGHTS]))
    return Saved(_config(entries[CONFIG]), _tensors(file), False)


def from_h5(path: str) -> Saved:
    """An `.h5` file of a whole model. Raises Refused."""
    file = _opened(path)
    try:
        config = file.attrs.get("model_config")
        if config is None or WHOLE not in file:
            raise Refused("holds weights alone, which do not say which layers the network has", HINT)
        _require_hard(file, WHOLE)
        return Saved(_config(config), _tensors(file[WHOLE]), True)
    except BROKEN as error:
        raise _broken(error) from None


def read(dataset: h5py.Dataset, shape: tuple[int, ...]) -> Any:
    """The values of a dataset that has this shape, float32. Raises Refused."""
    name = refusal.shown(dataset.name)
    if dataset.shape != shape:
        shown = refusal.shape(dataset.shape or ())
        raise Refused(f"holds {name} with the shape {shown}, expected {refusal.shape(shape)}", HINT)
    try:
        values = dataset[()].astype(numpy.float32)
    except BROKEN as error:
        raise _broken(error) from None
    if not numpy.isfinite(values).all():
        raise Refused(f"holds values in {name} that are not finite", "train again with a smaller rate")
    return values


def _opened(source: str | io.BytesIO) -> h5py.File:
    try:
        return h5py.File(source, "r", locking=False)
    except BROKEN as error:
        raise _broken(error) from None


def _config(content: bytes | str) -> Any:
    if not isinstance(content, bytes | str) or len(content) > CONFIG_LARGEST:
        raise Refused(f"has a config that is no text of at most {CONFIG_LARGEST:,} bytes", HINT)
    try:
        return json.loads(content)  # Infinity is how Keras writes the limits of some layers
    except (ValueError, RecursionError):
        raise Refused("has a config that is no JSON", HINT) from None


def _tensors(root: h5py.Group) -> dict[str, h5py.Dataset]:
    """Every dataset below `root` by its path, none of which leads out of the file."""
    try:
        return dict(_walk(root))
    except BROKEN as error:
        raise _broken(error) from None


def _walk(root: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    waiting, seen = [("", root)], 0
    while waiting:
        above, group = waiting.pop()
        for name in group:
            seen += 1
            path = f"{above}{name}"
            if seen > OBJECTS or path.count("/") > DEPTH:
                raise Refused(
                    f"holds more than {OBJECTS:,} tensors and groups, or groups in groups in groups"
                )
            _require_hard(group, name)
            inner = group[name]
            if isinstance(inner, h5py.Group):
                waiting.append((f"{path}/", inner))
            elif isinstance(inner, h5py.Dataset):
                _require_plain(path, inner)
                yield path, inner


def _require_hard(group: h5py.Group, name: str) -> None:
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        kind = "in another file" if isinstance(link, h5py.ExternalLink) else "under another name"
        raise Refused(f"holds {refusal.shown(name)} as a link to what lies {kind}: Keras writes none", HINT)


def _require_plain(path: str, dataset: h5py.Dataset) -> None:
    """Raises Refused where the values lie elsewhere, or another program has to unpack them."""
    name = refusal.shown(path)
    if dataset.external or dataset.is_virtual:
        raise Refused(f"holds {name}, whose values lie in another file: Keras writes none", HINT)
    if dataset.dtype.kind not in "fiub" or dataset.dtype.itemsize > 8:
        raise Refused(f"holds {name} as {refusal.shown(dataset.dtype)}, expected a plain number type", HINT)
    created = dataset.id.get_create_plist()
    used = {created.get_filter(number)[0] for number in range(created.get_nfilters())}
    if not used <= FILTERS.keys():
        raise Refused(f"holds {name} compressed with another filter than {FILTERS[1]}", HINT)
    if dataset.chunks and (dataset.maxshape != dataset.shape or numpy.prod(dataset.chunks) > dataset.size):
        raise Refused(f"holds {name} in pieces that are larger than it", HINT)


def _broken(error: BaseException) -> Refused:
    if isinstance(error, Refused):
        return error
    return Refused(f"is not a whole file of Keras: {refusal.shown(str(error).partition(chr(10))[0])}", HINT)
