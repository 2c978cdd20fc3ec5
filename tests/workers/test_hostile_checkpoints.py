"""Hostile and broken checkpoints of every format: each is refused in one sentence, before it is opened."""

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import onnx
import pytest
import torch
from msgspec.structs import replace
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from grader import sandbox
from grader.ground.errors import NotMeasured
from grader.reading.preprocessing.references import Reference
from grader.running.evaluation import measuring
from grader.workers import asking
from grader.workers.messages import Evaluate, Evaluated
from grader.workers.parts import checkpoints, onnx_file, pickled
from grader.workers.parts.refusal import Refused
from tests.workers.conftest import BACKBONE, WEIGHTS, Homework

EXPECTED = {"body.weight": torch.zeros(2, 3), "fc.weight": torch.zeros(2, 4), "fc.bias": torch.zeros(2)}
HEAD = {"fc.weight", "fc.bias"}
TRAINED = {"fc.weight": torch.ones(2, 4), "fc.bias": torch.ones(2)}
CANARY = "/tmp/the-pickle-ran"


def saved(content: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def repacked(content: bytes, kind: int = zipfile.ZIP_STORED, **replaced: bytes) -> bytes:
    """The archive of torch.save with another compression, or with another `data` (the pickle)."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", kind) as new:
        for name in old.namelist():
            inner = replaced["data"] if name.endswith("data.pkl") and replaced else old.read(name)
            new.writestr(name, inner)
    return file.getvalue()


def twice(content: bytes) -> bytes:
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("archive/data.pkl", b"other")
    return file.getvalue()


class Bomb:
    def __reduce__(self) -> tuple[Callable[..., int], tuple[str]]:
        return os.system, (f"touch {CANARY}",)


STRIDED = torch.zeros(1).as_strided((1 << 20, 1 << 20), (0, 0))  # 4 TB in 4 bytes
ATTRIBUTES = OrderedDict(TRAINED)
ATTRIBUTES.get = 7  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK", "is not a whole ZIP archive"),
        (saved(TRAINED)[:-30], "is not a whole ZIP archive"),
        (saved(TRAINED)[:200], "is not a whole ZIP archive"),
        (b"PK\x05\x06" + bytes(18), "is a ZIP archive, but not of torch.save"),
        (b"PK\x05\x06" + b"\xff" * 18, "has more than 20,000 entries"),
        (saved({**TRAINED, "x": Bomb()}), r"is a pickle that names posix\.system: all but tensors"),
        (repacked(saved(TRAINED), data=pickle.dumps(Bomb(), 5)), "is a pickle with (FRAME|STACK_GLOBAL)"),
        (repacked(saved(TRAINED), data=b"\x80\x02cposix\nsystem\n."), r"names posix\.system"),
        (repacked(saved(TRAINED), data=b"\x80\x02X\xff\xff\xff\x7fa."), "holds a pickle that is not whole"),
        (repacked(saved(TRAINED), data=b"\x80\x02" + b"]" * 9_000_000 + b"."), "has a pickle of 9,000,003"),
        (repacked(saved(TRAINED), data=b"\x80\x02RRR."), "does not open"),
        (repacked(saved(TRAINED), zipfile.ZIP_DEFLATED), "holds compressed entries"),
        (twice(saved(TRAINED)), "holds two entries of the same name"),
        (saved(nn.Linear(4, 2)), r"names torch\.nn\.modules\.linear\.Linear"),
        (saved(numpy.float64(1.0)), r"names numpy\._core\.multiarray\.scalar"),
        (saved({**TRAINED, "body.weight": STRIDED}), "body.weight with 1,099,511,627,776 values, of"),
        (saved({**TRAINED, "body.weight": STRIDED[:2, :3]}), "body.weight with 6 values, of which few"),
        (saved({**TRAINED, "best": 3}), "holds best, which is no tensor but of type int"),
        (saved({"epoch": 1, "state_dict": {}}), "holds no dictionary of tensors"),
        (saved([1, 2]), "holds no dictionary of tensors"),
        (saved({**TRAINED, "body.wieght": torch.ones(2, 3)}), "did you mean body.weight"),
        (saved({**TRAINED, "body.weight": torch.full((2, 3), torch.nan)}), "that are not finite"),
        (saved({**TRAINED, "body.weight": torch.ones(2, 3).bool()}), "holds body.weight as torch.bool"),
        (saved({**TRAINED, "body.weight": torch.ones(2, 3).to_sparse()}), "is a pickle that names torch"),
    ],
)  # fmt: skip
def test_a_pickle_that_is_more_than_tensors_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason) as refusal:
        pickled.read(str(path), EXPECTED, HEAD)
    assert len(str(refusal.value)) < 200 and "\n" not in str(refusal.value)
    assert "safetensors" in refusal.value.hint or "train" in refusal.value.hint
    assert not os.path.exists(CANARY)


def test_attributes_that_a_pickle_gives_its_dictionary_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(saved(ATTRIBUTES))
    assert pickled.read(str(path), EXPECTED, HEAD).keys() == TRAINED.keys()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (saved(TRAINED, _use_new_zipfile_serialization=False), "is a pickle without an archive"),
        (pickle.dumps(Bomb()), "is a pickle without an archive"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "is an HDF5 file, as Keras writes it"),
    ],
)
def test_other_formats_are_told_by_their_first_bytes(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason):
        checkpoints.format_of(str(path))


def graph(*nodes: onnx.NodeProto, side: int | str = 160, **parts: Any) -> onnx.ModelProto:
    """A classifier of two classes: the mean of all pixels, and its negative, unless `nodes` say otherwise."""
    own = nodes or (
        helper.make_node("ReduceMean", ["images", "axes"], ["mean"], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "one"], ["column"]),
        helper.make_node("Mul", ["column", "signs"], ["logits"]),
    )
    tensors = [
        numpy_helper.from_array(numpy.array([1, 2, 3]), "axes"),
        numpy_helper.from_array(numpy.array([1]), "one"),
        numpy_helper.from_array(numpy.array(90), "ninety"),
        numpy_helper.from_array(numpy.array([[1.0, -1.0]], numpy.float32), "signs"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, side, side])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)
    made = helper.make_graph(own, "graph", [images], [logits], tensors + parts.pop("tensors", []))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, **parts)


def external(location: str) -> onnx.TensorProto:
    tensor = TensorProto(name="far", data_type=1, dims=[2], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def lying(dims: list[int], content: bytes = bytes(8)) -> onnx.TensorProto:
    return TensorProto(name="big", data_type=1, dims=dims, raw_data=content)


def nested(depth: int) -> onnx.NodeProto:
    """A graph in a graph in a graph."""
    node = helper.make_node("Identity", ["images"], ["logits"])
    for _ in range(depth):
        inner = helper.make_graph([node], "inner", [], [])
        node = helper.make_node("Identity", ["images"], ["logits"], body=inner)
    return node


LOOP = helper.make_node("Loop", ["", ""], ["logits"], body=helper.make_graph([], "forever", [], []))
OWN = helper.make_node("Own", ["images"], ["logits"], domain="evil")
CONSTANT = helper.make_node("Constant", [], ["logits"], value=external("../../etc/passwd"))
FUNCTION = helper.make_function(
    "local", "f", ["a"], ["b"], [helper.make_node("Identity", ["a"], ["b"])], [helper.make_opsetid("", 18)]
)
TEXT = TensorProto(name="text", data_type=8, dims=[1], string_data=[b"x"])
TWO_GRAPHS = graph().SerializeToString() * 2
DEEP = b"\x0a\x7f" * 2_000_000  # a message in a message, each truncated


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x08", "is not a whole ONNX file"),
        (b"\x08\x0a\x3a\x00", "is a graph of 0 operators"),
        (b"\x08\x0a\x3a\xff\xff\xff\xff\x7f", "is not a whole ONNX file"),
        (graph().SerializeToString()[:-9], "is not a whole ONNX file"),
        (b"\x08\x0a" + b"\xff" * 20, "is not a whole ONNX file"),
        (b"\x08\x01" * 300_000, "is not a whole ONNX file"),
        (b"\x08\x0a" + DEEP, "is not a whole ONNX file"),
        (TWO_GRAPHS, "is not a whole ONNX file"),
        (graph(LOOP).SerializeToString(), "the operator Loop, which no classifier needs"),
        (graph(OWN).SerializeToString(), "the operator evil.Own"),
        (graph(nested(1)).SerializeToString(), "another graph inside its Identity"),
        (graph(nested(8)).SerializeToString(), "another graph inside its Identity"),
        (graph(CONSTANT).SerializeToString(), "keeps tensors in another file"),
        (graph(tensors=[external("/etc/passwd")]).SerializeToString(), "keeps tensors in another file"),
        (graph(tensors=[lying([1 << 20, 1 << 20])]).SerializeToString(), "big is 1048576x1048576, and holds"),
        (graph(tensors=[lying([-1])]).SerializeToString(), "big is -1, and holds another"),
        (graph(tensors=[lying([0, 1 << 62, 4], b"")] * 2).SerializeToString(), None),  # empty is no lie
        (graph(tensors=[lying([1] * 9, bytes(4))]).SerializeToString(), "holds another number"),
        (graph(tensors=[TEXT]).SerializeToString(), r"holds text of a type \(number 8\)"),
        (graph(functions=[FUNCTION]).SerializeToString(), "with functions"),
        (graph(*[helper.make_node("Relu", ["images"], ["logits"])] * 20_001).SerializeToString(),
         "a graph of 20,001 operators"),
    ],
)  # fmt: skip
def test_a_graph_that_is_more_than_a_classifier_is_refused(
    content: bytes, reason: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    if reason is None:
        assert onnx_file.read(str(path)).last == "Mul"
        return
    with pytest.raises(Refused, match=reason) as refusal:
        onnx_file.read(str(path))
    assert len(str(refusal.value)) < 200 and "\n" not in str(refusal.value)


def request(homework: Homework, folder: Path, content: bytes) -> Evaluate:
    (folder / "model").write_bytes(content)
    for name, picture in list(homework.pictures.items())[:3]:
        (folder / f"{name}.png").write_bytes(picture)
    return Evaluate(
        library="timm",
        backbone=BACKBONE,
        classes=2,
        pretrained=str(homework.weights / f"timm-{BACKBONE}-{WEIGHTS}.safetensors"),
        checkpoints={"final": str(folder / "model")},
        images=tuple(str(path) for path in sorted(folder.glob("*.png"))),
        reference=Reference(
            resize=168,
            crop=160,
            fit="center",
            interpolation="bilinear",
            mean=(0.5,) * 3,
            std=(0.5,) * 3,
            order="rgb",
            source="test",
        ),
    )


def answered(homework: Homework, folder: Path, content: bytes, limits: sandbox.Limits) -> Evaluated:
    asked = request(homework, folder, content)
    folder.chmod(0o755)
    paths = (homework.weights, folder)
    return asking.ask("evaluate", asked, Evaluated, paths=(paths, None), limits=limits)


@pytest.mark.parametrize("what", ["memory", "time"])
def test_a_graph_that_wants_too_much_ends_at_the_limit(what: str, homework: Homework, tmp_path: Path) -> None:
    """A tensor of 4 TB, made of nothing; and 18,000 multiplications of large matrices."""
    shape = TensorProto(name="shape", data_type=7, dims=[2], int64_data=[1 << 20, 1 << 20])
    huge = helper.make_node("ConstantOfShape", ["shape"], ["huge"])
    sides = TensorProto(name="shape", data_type=7, dims=[2], int64_data=[2000, 2000])
    steps = [helper.make_node("MatMul", [f"m{n}" if n else "huge"] * 2, [f"m{n + 1}"]) for n in range(18_000)]
    end = helper.make_node("ReduceMean", ["images", "axes"], ["mean"], keepdims=0)
    last = helper.make_node("Add", ["mean", "huge" if what == "memory" else "m18000"], ["logits"])
    nodes = [huge, end, last] if what == "memory" else [huge, *steps, end, last]
    content = graph(*nodes, tensors=[shape if what == "memory" else sides]).SerializeToString()
    limits = replace(measuring.LIMITS, seconds=12 if what == "time" else 90, memory=2 << 30)
    try:
        refused = answered(homework, tmp_path, content, limits).checkpoints["final"].refused
        assert what == "memory" and "onnxruntime does not run" in refused
    except NotMeasured as trouble:
        end_of = {"time": "took more than 12 s", "memory": "needed more than 2048 MiB of memory"}
        assert trouble.reason == f"the worker evaluate {end_of[what]}"


@pytest.mark.usefixtures("workers_here")
def test_a_graph_that_does_not_fit_is_refused_by_the_worker(homework: Homework, tmp_path: Path) -> None:
    wide = helper.make_node("Mul", ["images", "signs"], ["logits"])
    flat = helper.make_node("ReduceMean", ["images", "axes"], ["logits"], keepdims=0)
    only_zeros = (  # an index that is right for an image of zeros, and out of range for a photograph
        helper.make_node("ReduceMax", ["images", "axes"], ["largest"], keepdims=0),
        helper.make_node("Ceil", ["largest"], ["up"]),
        helper.make_node("Cast", ["up"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["whole", "ninety"], ["index"]),
        helper.make_node("Gather", ["signs", "index"], ["logits"]),
    )  # fmt: skip
    for number, (model, reason) in enumerate(
        (
            (graph(wide), "is a graph that onnxruntime does not run"),
            (graph(flat), "answers 1 for 1 images, expected 1x2"),
            (graph(*only_zeros), "gives values that are not finite"),
            (graph(side=224), "takes images of 224x224, the declared weights want 160x160"),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = answered(homework, folder, model.SerializeToString(), measuring.LIMITS).checkpoints["final"]
        assert reason in found.refused
        assert found.format == "onnx" and found.hint
