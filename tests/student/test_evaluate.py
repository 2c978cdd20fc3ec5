"""`make evaluate` and the `predict` command."""

import csv
import json
import shutil

import pytest
import safetensors.torch
import timm
import torch
from finetune import evaluate, predict
from finetune.parts.problem import Problem
from PIL import Image


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def reference(folder, weights):
    """image_id -> class probabilities, with timm's own network and transform."""
    network = timm.create_model("test_efficientnet", num_classes=2).eval()
    tensors = safetensors.torch.load_file(weights / "timm-test_efficientnet-r160_in1k.safetensors")
    tensors |= safetensors.torch.load_file(folder / "model.safetensors")
    network.load_state_dict(tensors)
    transform = timm.data.create_transform(**timm.data.resolve_data_config({}, model=network))
    with torch.inference_mode():
        return {
            row["image_id"]: network(
                transform(Image.open(folder / f"data/images/{row['image_id']}.bmp").convert("RGB"))[None]
            ).softmax(1)[0]
            for row in table(folder / "data/splits.csv")
            if row["split"] == "test"
        }


def test_predictions_are_those_of_the_checkpoint(finished, weights):
    expected = reference(finished, weights)
    rows = table(finished / "predictions.csv")
    assert [row["image_id"] for row in rows] == list(expected)
    for row in rows:
        best = int(expected[row["image_id"]].argmax())
        assert row["predicted"] == ["even", "odd"][best]
        assert float(row["score"]) == pytest.approx(float(expected[row["image_id"]][best]), abs=1e-5)


def test_the_summary_counts_the_predictions(finished):
    rows = table(finished / "predictions.csv")
    summary = json.loads((finished / "results.json").read_text())
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert summary["test_images"] == len(rows) == 12
    assert summary["correct"] == right
    assert summary["test_accuracy"] == right / 12
    for i, true in enumerate(("even", "odd")):
        for j, predicted in enumerate(("even", "odd")):
            counted = sum(row["label"] == true and row["predicted"] == predicted for row in rows)
            assert summary["confusion"][i][j] == counted
    assert summary["interval"][0] <= summary["test_accuracy"] <= summary["interval"][1]
    assert summary["upper_layers"] == ["blocks.4", "conv_head", "bn2"]


@pytest.mark.parametrize(
    # From the table in R. G. Newcombe, Statistics in Medicine 17 (1998), method 3.
    ("correct", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilson_s(correct, total, low, high):
    assert evaluate.wilson(correct, total) == pytest.approx([low, high], abs=5e-5)


def test_anonymous_images_get_the_same_answers(handed_out, call):
    rows = table(handed_out / "predictions.csv")
    folder = handed_out / "anonymous"
    folder.mkdir()
    names = {f"{index:04x}": row for index, row in enumerate(reversed(rows))}
    for name, row in names.items():
        shutil.copy(handed_out / f"data/images/{row['image_id']}.bmp", folder / f"{name}.bmp")
    shutil.rmtree(handed_out / "data")  # the command needs the network and nothing else
    call(predict, "--images", "anonymous", "--out", "out/answers.csv")
    answers = table(handed_out / "out/answers.csv")
    assert list(answers[0]) == ["image_id", "predicted", "score"]
    assert {row["image_id"]: row["predicted"] for row in answers} == {
        n: r["predicted"] for n, r in names.items()
    }
    for answer in answers:
        assert float(answer["score"]) == pytest.approx(float(names[answer["image_id"]]["score"]), abs=1e-5)


def test_what_is_missing_is_told(handed_out, call):
    (handed_out / "model.safetensors").unlink()
    with pytest.raises(Problem, match="model.safetensors is not here; run `make train` first"):
        call(evaluate)
    with pytest.raises(Problem, match="nowhere holds no image"):
        call(predict, "--images", "nowhere", "--out", "out.csv")


@pytest.mark.parametrize("content", [b"", b"x", b"version https://git-lfs.github.com/spec/v1\n", "half"])
def test_a_damaged_checkpoint_is_told(handed_out, call, content):
    checkpoint = handed_out / "model.safetensors"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(Problem, match=r"model.safetensors is damaged .*; delete it and run `make train`"):
        call(evaluate)
