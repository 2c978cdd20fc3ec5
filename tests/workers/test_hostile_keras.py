"""Hostile and broken files of Keras: each is refused in one sentence, before it does or asks for anything."""

import copy
import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

os.environ |= {"KERAS_BACKEND": "torch", "KERAS_TORCH_DEVICE": "cpu"}  # it looks when it is imported
keras = pytest.importorskip("keras", reason="Keras is not installed: pip install '.[keras]'")

import h5py  # noqa: E402

from grader.workers.parts import (  # noqa: E402
    checkpoints,
    keras_building,
    keras_config,
    keras_file,
    keras_network,
    keras_weights,
)
from grader.workers.parts.refusal import Refused  # noqa: E402

CANARY = "/tmp/the-keras-file-ran"


def layer(kind: str, /, after: str, **config: Any) -> dict[str, Any]:
    """An entry of Keras 3, called with what `after` gives."""
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [after, 0, 0]}}
    named = {"name": kind.lower(), "trainable": True, **config}
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": named,
        "name": named["name"],
        "inbound_nodes": [{"args": [tensor], "kwargs": {}}],
    }


def network(*layers: dict[str, Any], end: str = "") -> dict[str, Any]:
    start = {"class_name": "InputLayer", "config": {"batch_shape": [None, 32, 32, 3]}, "name": "input",
             "inbound_nodes": []}  # fmt: skip
    last = end or (layers[-1]["name"] if layers else "input")
    config = {"name": "net", "layers": [start, *layers], "input_layers": ["input", 0, 0],
              "output_layers": [last, 0, 0]}  # fmt: skip
    return {"class_name": "Functional", "config": config}


def sequence(inner: dict[str, Any], deep: int) -> dict[str, Any]:
    for _ in range(deep):
        inner = {"class_name": "Sequential", "config": {"name": "s", "layers": [inner]}}
    return inner


FLAT = layer("Flatten", "input")
DENSE = layer("Dense", "flatten", units=2)
CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA"}}
LAMBDA = layer("Lambda", "input", function=CODE)
OBJECT = {"module": "os", "class_name": "system", "config": f"touch {CANARY}"}
TWICE = {**FLAT, "inbound_nodes": FLAT["inbound_nodes"] * 2}
KEYWORDS = {**FLAT, "inbound_nodes": [{**FLAT["inbound_nodes"][0], "kwargs": {"x": 1}}]}
LISTS: Any = [[]]
for _ in range(600):
    LISTS = [LISTS]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (network(LAMBDA), "has a Lambda layer, which can run any program"),
        (network(layer("TFOpLambda", "input", function="io.write_file")), "has a layer TFOpLambda, which is"),
        (network(layer("Own>Layer", "input")), "has a layer Own>Layer, which is none of those"),
        (network(layer("TorchModuleWrapper", "input")), "has a layer TorchModuleWrapper"),
        (network(FLAT, {**DENSE, "config": {"units": 2, "activation": OBJECT}}), "which is no plain number"),
        (network(FLAT, layer("Dense", "flatten", units=10**6)), "declares more than 160,000,000 values"),
        (network(FLAT, layer("Dense", "flatten", units=10**30)), "which is no plain number"),
        (network(FLAT, layer("Dense", "flatten", units=-5)), "has a Dense that Keras does not build"),
        (network(FLAT, layer("Dense", "flatten")), "has a Dense that Keras does not build"),
        (network(layer("ZeroPadding2D", "input", padding=10**6)), "a ZeroPadding2D that gives"),
        (network(layer("Resizing", "input", height=10**5, width=10**5)), "a Resizing that gives"),
        (network(layer("Reshape", "input", target_shape=LISTS)), "no plain number|does not build"),
        (network(layer("Flatten", "input", data_format="channels_first")), "channels first"),
        (network(FLAT, FLAT), "has two layers called flatten"),
        (network(TWICE), "calls its layer flatten 2 times"),
        (network(KEYWORDS), "calls flatten with more than the outputs"),
        (network(layer("Flatten", "later")), "has a layer that comes before later"),
        (network(FLAT, end="nowhere"), "has another number of inputs or outputs than one"),
        (sequence(FLAT, 9), "holds networks in networks, more than 6 deep"),
        (sequence({"class_name": "Dropout", "config": {}}, 1), "^$"),
        (network(*(layer("ReLU", "input", name=f"r{n}") for n in range(4100))), "has more than 4000 layers"),
        ({"class_name": "Mine", "module": "os", "config": {}}, "is no network of plain layers but a Mine"),
        ({"class_name": "Sequential", "config": {"layers": "many"}}, "holds a network without layers"),
        ([1, 2], "is no network of plain layers but a nothing"),
    ],
)  # fmt: skip
def test_what_is_no_plain_network_is_refused_by_name(config: Any, reason: str) -> None:
    if reason == "^$":  # nothing is wrong with it
        keras_building.build(config, (32, 32))
        return
    with pytest.raises(Refused, match=reason) as refusal:
        keras_building.build(config, (32, 32))
    assert len(str(refusal.value)) < 300 and "\n" not in str(refusal.value)
    assert not os.path.exists(CANARY)


def test_whatever_a_config_says_it_is_built_or_refused() -> None:
    """One value of a good config after the other becomes something else."""
    good = network(layer("Conv2D", "input", filters=2, kernel_size=[3, 3]), layer("Flatten", "conv2d"), DENSE)
    keras_building.build(good, (32, 32))
    draw = random.Random(7)
    for _ in range(150):
        config = copy.deepcopy(good)
        place: Any = config
        while True:
            key = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if not isinstance(place[key], dict | list) or not place[key] or draw.random() < 0.1:
                place[key] = draw.choice(
                    [None, -1, 0, 10**9, 1e308, "", "os.system", [], [[]], {}, True, [7]]
                )
                break
            place = place[key]
        try:
            keras_building.build(config, (32, 32))
        except Refused as refused:
            assert "\n" not in refused.reason


def hdf5(write: Callable[[h5py.File], Any]) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        write(content)
    return file.getvalue()


def zipped(kind: int = zipfile.ZIP_STORED, /, **entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in entries.items():
            archive.writestr({"config": "config.json", "weights": "model.weights.h5"}[name], content)
    return file.getvalue()


def holding(write: Callable[[h5py.File], Any]) -> bytes:
    return zipped(config=b"{}", weights=hdf5(write))


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(2,))
    file.create_virtual_dataset("v", layout)


def deep(file: h5py.File) -> None:
    file.create_group("/".join("a" * 40))


def cycle(file: h5py.File) -> None:
    file.create_group("a")["b"] = file["/"]


def linked(file: h5py.File, link: Any) -> None:
    file["x"] = link


def dataset(file: h5py.File, **options: Any) -> None:
    file.create_dataset("x", **options)


def far(file: h5py.File) -> None:
    file.create_dataset("x", (2,), "f4", external=[("/etc/passwd", 0, 8)])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK", "is not a whole ZIP archive, as Keras writes it"),
        (zipped(config=b""), r"is a ZIP archive without config.json and model.weights.h5"),
        (zipped(zipfile.ZIP_DEFLATED, config=bytes(9_000_000)), "holds compressed entries, which Keras"),
        (zipped(config=b"[" * 100_000, weights=hdf5(dict)), "has a config that is no JSON"),
        (zipped(config=b"[" + b"1," * (9 << 20) + b"1]", weights=hdf5(dict)), "at most 16,777,216"),
        (zipped(config=b"{}", weights=b"\x89HDF"), "is not a whole file of Keras"),
        (zipped(config=b"{}", weights=hdf5(far)[:900]), "is not a whole file of Keras"),
        (holding(lambda file: linked(file, h5py.ExternalLink("/etc/passwd", "/"))), "in another file"),
        (holding(lambda file: linked(file, h5py.SoftLink("/y"))), "under another name"),
        (holding(virtual), "whose values lie in another file"),
        (holding(far), "whose values lie in another file"),
        (holding(deep), "groups in groups in groups"),
        (holding(cycle), "groups in groups in groups"),
        (holding(lambda file: dataset(file, data=[b"text"])), "holds x as object, expected a plain"),
        (holding(lambda file: dataset(file, data=[1.0] * 99, compression="lzf")), "another filter"),
        (holding(lambda file: dataset(file, shape=(2,), dtype="f4", maxshape=(None,), chunks=(1 << 28,))),
         "in pieces"),
    ],
)  # fmt: skip
def test_files_that_lead_elsewhere_or_grow_are_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason):
        keras_file.from_archive(str(path))


def test_an_h5_file_has_to_be_a_whole_model_of_its_own(tmp_path: Path) -> None:
    def elsewhere(file: h5py.File) -> None:
        file.attrs["model_config"] = "{}"
        file["model_weights"] = h5py.ExternalLink("/etc/passwd", "/")

    for write, reason in ((dict, "holds weights alone"), (elsewhere, "in another file|not a whole file")):
        path = tmp_path / "model.h5"
        path.write_bytes(hdf5(write))
        with pytest.raises(Refused, match=reason):
            keras_file.from_h5(str(path))


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({"0": numpy.full((3072, 2), numpy.nan), "1": numpy.zeros(2)}, "that are not finite"),
        ({"0": numpy.zeros((2, 3072)), "1": numpy.zeros(2)}, "with the shape 2x3072, expected 3072x2"),
        ({"0": numpy.zeros((3072, 2))}, "lacks the tensor layers/dense/vars/1 of its layer dense"),
    ],
)
def test_tensors_have_to_be_those_of_the_layers(tensors: dict[str, Any], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    config = json.dumps(network(FLAT, DENSE)).encode()

    def write(file: h5py.File) -> None:
        for name, values in tensors.items():
            file[f"layers/dense/vars/{name}"] = values

    path.write_bytes(zipped(config=config, weights=hdf5(write)))
    saved = keras_file.from_archive(str(path))
    with pytest.raises(Refused, match=reason):
        keras_weights.fill(keras_building.build(saved.config, (32, 32)), saved)


def test_another_network_than_the_declared_one_is_refused() -> None:
    other = keras_building.build(network(FLAT, DENSE), (32, 32))
    with pytest.raises(
        Refused, match="is not the declared MobileNet: of its 54 layers with tensors, the first 0"
    ):
        keras_network.match(other, keras_network.application("MobileNet"), "MobileNet")


def test_the_format_goes_with_the_declared_library(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"\x80\x02")
    with pytest.raises(Refused, match="is no file of Keras, whose network is declared"):
        checkpoints.format_of(str(path), "keras")
    path.write_bytes(b"PK")
    assert (checkpoints.format_of(str(path), "keras"), checkpoints.format_of(str(path))) == (
        "keras",
        "pickle",
    )


def test_files_of_keras_2_are_read_too(tmp_path: Path) -> None:
    """Written by hand as TensorFlow 2.15 writes them: calls are lists, and tensors have names with `:0`."""
    config = network(FLAT, DENSE)["config"]
    start, flat, dense = config["layers"]
    start["config"] = {"batch_input_shape": [None, 32, 32, 3], "name": "input"}
    flat["inbound_nodes"] = [[["input", 0, 0, {}]]]
    dense["inbound_nodes"] = [["flatten", 0, 0, {"training": False}]]
    ends = {"input_layers": [["input", 0, 0]], "output_layers": [["dense", 0, 0]]}
    kernel = numpy.random.default_rng(1).normal(size=(3072, 2)).astype(numpy.float32)

    def write(file: h5py.File) -> None:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": {**config, **ends}})
        file["model_weights/dense/dense/kernel:0"] = kernel
        file["model_weights/dense/dense/bias:0"] = numpy.array([1.0, 2.0])
        file.create_group("model_weights/flatten")

    path = tmp_path / "model.h5"
    path.write_bytes(hdf5(write))
    saved = keras_file.from_h5(str(path))
    assert keras_config.size(saved.config, 224) == (32, 32)
    built = keras_building.build(saved.config, (32, 32))
    keras_weights.fill(built, saved)
    images = numpy.random.default_rng(2).random((3, 32, 32, 3)).astype(numpy.float32)
    answers = built.layer(images, training=False).detach().numpy()
    assert answers == pytest.approx(images.reshape(3, -1) @ kernel + [1, 2], abs=1e-3)
