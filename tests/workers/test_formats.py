"""Honest checkpoints of every format: the same predictions. One of each kind runs in the sandbox."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from grader.checks.accuracy import Accuracy
from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding
from grader.running import evaluation
from grader.running.evaluation import Evaluation
from tests.workers.conftest import Homework


def pickled(content: Any) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def exported(network: nn.Module, **options: Any) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, 160, 160),),
            file,
            dynamo=False,
            input_names=["images"],
            output_names=["logits"],
            **options,
        )
    return file.getvalue()


def whole(homework: Homework) -> nn.Module:
    return homework.network({**homework.head, **homework.upper})


# As docs/checkpoints.md tells students to: names survive, nothing is folded.
KEEPING: dict[str, Any] = {
    "training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False,
    "dynamic_axes": {"images": {0: "n"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def reference(homework: Homework, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The evaluation of the safetensors files."""
    return evaluation.run(homework.submission(tmp_path_factory.mktemp("reference")))


def judged(check: Any, homework: Homework, folder: Path, content: bytes) -> list[Finding]:
    submission = homework.submission(folder, model_dot_safetensors=content)
    return list(check.judge(check.collect(submission)))


def assert_same_predictions(found: Evaluation, expected: Evaluation) -> None:
    for one, other in ((found.final, expected.final), (found.phase_one, expected.phase_one)):
        mine, theirs = found.predicted(one), expected.predicted(other)
        assert mine.keys() == theirs.keys()
        for name, prediction in mine.items():
            assert prediction.predicted == theirs[name].predicted
            assert prediction.margin == pytest.approx(theirs[name].margin, abs=1e-3)
            assert prediction.probability == pytest.approx(theirs[name].probability, abs=1e-3)


def parallel(network: nn.Module) -> dict[str, Tensor]:
    return {f"module.{name}": tensor for name, tensor in network.state_dict().items()}


HERE = pytest.mark.usefixtures("workers_here")


@pytest.mark.parametrize(
    "form",
    [
        lambda network: network.state_dict(),
        lambda network: {"epoch": 3, "state_dict": parallel(network), "optimizer": {"lr": 0.1, "steps": [1]}},
        lambda network: {"model": {name: each.half() for name, each in network.state_dict().items()}},
    ],
    ids=["state_dict", "wrapped", "half"],
)
def test_a_file_of_torch_save_is_read_as_safetensors_are(
    form: Callable[[nn.Module], Any],
    homework: Homework,
    reference: Evaluation,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if request.node.callspec.id != "state_dict":
        request.getfixturevalue("workers_here")
    content = pickled(form(whole(homework)))
    found = evaluation.run(homework.submission(tmp_path, model_dot_safetensors=content))
    assert found.final.is_pickle and not found.phase_one.is_pickle
    if request.node.callspec.id == "half":  # rounded to three digits, so other logits
        assert [each.predicted for each in found.final.examined.predictions] == [
            each.predicted for each in reference.final.examined.predictions
        ]
        return
    assert_same_predictions(found, reference)
    assert found.final.examined.changed == reference.final.examined.changed
    notes = [
        finding for finding in judged(Accuracy(), homework, tmp_path, content) if "pickle" in finding.message
    ]
    assert [finding.level for finding in notes] == ["note"] and "safetensors" in notes[0].hint


def test_a_graph_that_keeps_its_names_is_compared_tensor_by_tensor(
    homework: Homework, reference: Evaluation, tmp_path: Path
) -> None:
    content = exported(whole(homework), **KEEPING)
    found = evaluation.run(homework.submission(tmp_path, model_dot_safetensors=content))
    assert found.final.examined.format == "onnx"
    assert_same_predictions(found, reference)
    assert found.final.examined.changed == reference.final.examined.changed
    assert found.final.examined.sketch == reference.final.examined.sketch
    findings = judged(TwoPhases(), homework, tmp_path, content)
    assert [finding for finding in findings if finding.level == "error"] == []


@HERE
@pytest.mark.parametrize("softmax", [False, True])
def test_a_folded_graph_is_run_and_its_layers_are_not_judged(
    softmax: bool, homework: Homework, reference: Evaluation, tmp_path: Path
) -> None:
    """With a fixed batch of 5 for 24 images, and with probabilities for logits."""
    network = nn.Sequential(whole(homework), nn.Softmax(1)) if softmax else whole(homework)
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(network.eval(), (torch.zeros(5, 3, 160, 160),), file, dynamo=False)
    found = evaluation.run(homework.submission(tmp_path, model_dot_safetensors=file.getvalue()))
    assert_same_predictions(found, reference)
    assert found.final.examined.changed == () and "keep their names" in found.final.examined.undetermined
    assert [f for f in judged(Accuracy(), homework, tmp_path, file.getvalue()) if f.level == "error"] == []
    with pytest.raises(NotMeasured, match=r"which layers model.safetensors changed cannot be determined"):
        judged(TwoPhases(), homework, tmp_path, file.getvalue())


@HERE
def test_names_prove_nothing_where_the_graph_computes_something_else(
    homework: Homework, tmp_path: Path
) -> None:
    """The right tensors under the right names, in a graph that turns the answer around."""

    network = whole(homework)
    network.register_forward_hook(lambda _network, _images, answer: -answer)
    found = evaluation.run(homework.submission(tmp_path, model_dot_safetensors=exported(network, **KEEPING)))
    assert "computes something else" in found.final.examined.undetermined
    assert found.final.examined.changed == ()
