"""Thirty honest ways to do the same homework: no error, no warning, nothing undecided.

One network is trained; most variations change what is made of it. Those that train otherwise train again.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torchvision import io as tv_io
from torchvision.transforms import functional

from tests.integrity import training
from tests.integrity.conftest import CONTRACT, Desk, Files, handed_in, predicted, results, table
from tests.integrity.training import CLASSES, NORMALISE, Trained, Way
from tests.workers.test_formats import KEEPING, exported

Vary = Callable[[Trained, Files], Mapping[str, str | bytes]]


def trained_as(**way: Any) -> Vary:
    return lambda _base, _files: handed_in(training.train(replace(Way(), **way)))


def half(kind: torch.dtype) -> Callable[[Mapping[str, Tensor]], dict[str, Tensor]]:
    return lambda tensors: {
        name: each.to(kind) if each.is_floating_point() else each for name, each in tensors.items()
    }


def whole(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return dict(training.network(tensors).state_dict())


def saved(*changes: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]) -> Vary:
    """Both checkpoints after these changes, and the predictions of what was saved."""

    def vary(base: Trained, _files: Files) -> Files:
        head, final = dict(base.head), dict(base.final)
        for change in changes:
            head, final = dict(change(head)), dict(change(final))
        return {"head.safetensors": save(head), "model.safetensors": save(final), **results(predicted(final))}

    return vary


def only_what_changed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    own = training.public().state_dict()
    return {name: each for name, each in tensors.items() if "fc." in name or not torch.equal(each, own[name])}


def in_files(kind: str, write: Callable[[Mapping[str, Tensor]], bytes]) -> Vary:
    """The final checkpoint in another format, under a name that says so."""

    def vary(base: Trained, _files: Files) -> Files:
        named = f'{CONTRACT}checkpoint = "model.{kind}"\n'
        return {"submission.toml": named, f"model.{kind}": write(base.final), "model.safetensors": b""}

    return vary


def by_torch(tensors: Mapping[str, Tensor]) -> bytes:
    file = io.BytesIO()
    torch.save({"state_dict": dict(tensors)}, file)
    return file.getvalue()


def predicted_by(
    change: Callable[[nn.Module], nn.Module] = lambda made: made,
    prepare: Callable[[bytes], Tensor] = training.by_pillow,
) -> Vary:
    def vary(base: Trained, _files: Files) -> Files:
        images = (prepare(training.jpeg(number)) for number in training.numbers("test"))
        return results(training.predictions(change(training.network(base.final)), images))

    return vary


def folded(made: nn.Module) -> nn.Module:
    """BatchNorm after a convolution becomes part of it."""
    modules = list(made.named_modules())
    for (name, convolution), (after, norm) in zip(modules, modules[1:], strict=False):
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            assert norm.running_mean is not None and norm.running_var is not None, name
            convolution.weight, convolution.bias = fuse_conv_bn_weights(
                convolution.weight,
                convolution.bias,
                norm.running_mean,
                norm.running_var,
                norm.eps,
                norm.weight,
                norm.bias,
            )
            norm.weight, norm.bias = None, None  # type: ignore[assignment]
            norm.running_mean, norm.running_var = torch.zeros_like(norm.running_mean), None
            made.set_submodule(after, nn.Sequential(*_act(norm)))
    return made


def _act(norm: nn.Module) -> list[nn.Module]:
    """What timm puts into the same module after the norm itself."""
    return [each for each in (getattr(norm, "act", None),) if each is not None]


def channels_last(made: nn.Module) -> nn.Module:
    return made.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


class Doubled(nn.Module):
    """Another precision is another rounding."""

    def __init__(self, made: nn.Module) -> None:
        super().__init__()
        self.made = made.double()

    def forward(self, images: Tensor) -> Tensor:
        answer: Tensor = self.made(images.double())
        return answer


def as_tensors(content: bytes) -> Tensor:
    """Decoded by torchvision's own JPEG code and resized as a tensor: other roundings in many pixels."""
    pixels = tv_io.decode_jpeg(torch.frombuffer(bytearray(content), dtype=torch.uint8))
    image = functional.center_crop(functional.resize(pixels.float() / 255, [168], antialias=True), [160, 160])
    tensor: Tensor = NORMALISE(image)
    return tensor


def epochs(base: Trained) -> list[dict[str, Any]]:
    return [event for event in base.events if event["event"] == "epoch"]


def log(path: str, write: Callable[[Trained], str]) -> Vary:
    def vary(base: Trained, _files: Files) -> Files:
        return {"submission.toml": f'{CONTRACT}[log]\npaths = ["{path}"]\n', path: write(base)}

    return vary


def as_csv(base: Trained) -> str:
    columns = ("phase", "epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
    return table(columns, [[event[column] for column in columns] for event in epochs(base)])


def as_text(base: Trained) -> str:
    return "".join(
        f"{event['phase']} phase\nEpoch {event['epoch']}/{event['epochs']} loss: {event['train_loss']:.4f}"
        f" val_loss: {event['val_loss']:.4f} val_accuracy: {event['val_accuracy']:.4f}\n"
        for event in epochs(base)
    )


def resumed(base: Trained) -> str:
    """Interrupted in phase two and gone on: the program wrote its first line again."""
    events = list(base.events)
    place = next(i for i, each in enumerate(events) if (each.get("phase"), each.get("epoch")) == ("upper", 3))
    return training.lines([*events[:place], events[0], *events[place:]])


def rows_changed(path: str, change: Callable[[list[list[str]]], Iterable[Sequence[str]]], end: str) -> Vary:
    def vary(_base: Trained, files: Files) -> Files:
        header, *rows = csv.reader(io.StringIO(str(files[path])))
        text = io.StringIO()
        csv.writer(text, lineterminator=end).writerows([header, *change(rows)])
        return {path: text.getvalue()}

    return vary


def renamed(mapping: Mapping[str, str]) -> Vary:
    """Paths that the contract declares otherwise."""

    def vary(_base: Trained, files: Files) -> Files:
        moved = {mapping.get(path, path): content for path, content in files.items()}
        sections = {
            "model": "[model]\ncheckpoint = \"MODEL.SAFETENSORS\"\n",
            "data": "[data]\nsplits = \"DATA/Splits.CSV\"\n",
            "results": "[results]\npredictions = \"Predictions.CSV\"\n",
        }  # fmt: skip
        contract = str(files["submission.toml"])
        for name in ("model", "data"):
            contract = contract.replace(f"[{name}]\n", sections[name])
        return {**moved, "submission.toml": contract + sections["results"]}

    return vary


def images_in_capitals(_base: Trained, files: Files) -> Files:
    return {path.replace(".jpg", ".JPG"): content for path, content in files.items()}


def classes_in_another_order(base: Trained, files: Files) -> Files:
    """Other names, and the head's outputs the other way round."""
    names = {"across": "Zebra crossing", "along": "Fence"}

    def swapped(tensors: Mapping[str, Tensor]) -> bytes:
        return save({name: each.flip(0) if "fc." in name else each for name, each in tensors.items()})

    changed: Files = {"head.safetensors": swapped(base.head), "model.safetensors": swapped(base.final)}
    for path in ("data/splits.csv", "predictions.csv", "submission.toml", "logs/train.jsonl"):
        text = str(files[path]).replace(json.dumps(CLASSES), '["Fence", "Zebra crossing"]')
        for old, new in names.items():
            text = text.replace(f",{old}", f",{new}")
        changed[path] = text
    return changed


def without_predictions(_base: Trained, files: Files) -> Files:
    del files["predictions.csv"]
    return {}


def rounded_claim(_base: Trained, files: Files) -> Files:
    return {"results.json": json.dumps({**json.loads(files["results.json"]), "correct": 1, "note": "done"})}


def without_declared_layers(_base: Trained, files: Files) -> Files:
    return {"submission.toml": str(files["submission.toml"]).replace('upper_layers = ["layer4"]\n', "")}


HONEST: dict[str, Vary] = {
    "seed 2": trained_as(seed=2),
    "seed 3": trained_as(seed=3),
    "two threads": trained_as(threads=2, epochs=(20, 2)),
    "batches of 8": trained_as(batch=8),
    "one batch of all": trained_as(batch=80, epochs=(60, 15)),
    "fewer epochs": trained_as(epochs=(20, 2)),
    "tiny steps in phase two": trained_as(rates=(0.1, 1e-6)),
    "one epoch of small steps by SGD": trained_as(
        upper_optimizer="SGD", epochs=(25, 1), rates=(0.1, 1e-5)
    ),
    "BatchNorm of the upper layers alone": trained_as(only="bn", rates=(0.1, 5e-4)),
    "another optimiser": trained_as(optimizer="RMSprop", rates=(0.05, 1e-3)),
    "label smoothing": trained_as(smoothing=0.1),
    "BatchNorm of the upper layers counts": trained_as(statistics=True, rates=(0.1, 5e-4)),
    "stopped early": trained_as(planned=20),
    "fp16": saved(half(torch.float16)),
    "bf16": saved(half(torch.bfloat16)),
    "whole network": saved(whole),
    "whole network in fp16": saved(whole, half(torch.float16)),
    "whole network in bf16": saved(whole, half(torch.bfloat16)),
    "only what changed": saved(only_what_changed),
    "torch.save": in_files("pt", by_torch),
    "ONNX export": in_files("onnx", lambda tensors: exported(training.network(tensors), **KEEPING)),
    "channels last": predicted_by(channels_last),
    "BatchNorm folded": predicted_by(folded),
    "fp64": predicted_by(Doubled),
    "another decoder": predicted_by(prepare=as_tensors),
    "log with CRLF": log("logs/train.jsonl", lambda base: training.lines(base.events).replace("\n", "\r\n")),
    "CSV log": log("history.csv", as_csv),
    "text log": log("train.log", as_text),
    "resumed": log("logs/train.jsonl", resumed),
    "other file names": renamed(
        {"model.safetensors": "MODEL.SAFETENSORS", "data/splits.csv": "DATA/Splits.CSV",
         "predictions.csv": "Predictions.CSV"}
    ),
    "images in capitals": images_in_capitals,
    "other class names": classes_in_another_order,
    "predictions sorted, CRLF": rows_changed("predictions.csv", sorted, "\r\n"),
    "splits sorted, hashes in capitals": rows_changed(
        "data/splits.csv", lambda rows: sorted([*row[:3], row[3].upper()] for row in rows), "\n"
    ),
    "no predictions, the accuracy alone": without_predictions,
    "more in results.json": rounded_claim,
    "upper layers as the log says": without_declared_layers,
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_variation_is_not_accused(name: str, desk: Desk, base: Trained, honest: Files) -> None:
    changed = HONEST[name](base, honest)
    if any(path.endswith(".JPG") for path in changed) or "MODEL.SAFETENSORS" in changed:
        honest = {}
    assert [(check, each.message) for check, each in desk.complaints({**honest, **changed})] == []
