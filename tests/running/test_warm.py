"""A whole class in one worker: the same predictions as one by one, and the frozen layers computed once."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import timm
import torch
from msgspec.structs import replace
from safetensors.torch import save
from torch import nn

from grader import sandbox
from grader.ground.errors import SubmissionError
from grader.reading import preprocessing
from grader.running import evaluation
from grader.submission import Submission
from grader.workers.messages import EvaluateClass, EvaluatedClass, Part
from grader.workers.parts import replay
from tests.conftest import answered_here
from tests.workers.conftest import BACKBONE, WEIGHTS, Homework
from tests.workers.test_formats import exported, pickled


def student(homework: Homework, folder: Path, number: int) -> Submission:
    """Each has moved upper layers and head of their own a little."""
    torch.manual_seed(number)
    tensors = {**homework.head, **homework.upper}
    moved = {name: tensor + 1e-3 * torch.randn_like(tensor) for name, tensor in tensors.items()}
    folder.mkdir()
    content = {
        1: lambda: exported(homework.network(moved)),
        2: lambda: b"\x80\x02}.",
        3: lambda: pickled(moved),
    }.get(number, lambda: save(moved))()
    return homework.submission(folder, model_dot_safetensors=content)


def with_cache(submission: Submission, cache: Path) -> Submission:
    submission.surroundings = replace(submission.surroundings, cache=cache)
    return submission


def test_a_class_is_evaluated_as_one_by_one(
    homework: Homework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    group = [with_cache(student(homework, tmp_path / f"warm{n}", n), shared) for n in range(4)]
    own, everybodys = (tmp_path / f"{name}.png" for name in ("own", "everybodys"))
    for path, picture in zip((own, everybodys), homework.pictures.values(), strict=False):
        path.write_bytes(picture)
    further = {0: [own, everybodys], 1: [everybodys], 2: [everybodys], 3: [everybodys]}
    predicted = evaluation.warm(group, processes=2, further=further)
    assert predicted[2] == {}
    for number in (0, 1, 3):
        assert predicted[number] == evaluation.predict(group[number], further[number])
    assert len(list((shared / "evaluations").iterdir())) == 4
    monkeypatch.setattr(sandbox, "run_worker", answered_here)
    for number in range(4):
        warm, cold = (
            evaluation.run(group[number]),
            evaluation.run(student(homework, tmp_path / f"cold{number}", number)),
        )
        if number == 2:
            with pytest.raises(SubmissionError, match="is a pickle"):
                warm.final.usable()
            assert warm == cold
            continue
        for one, other in ((warm.final, cold.final), (warm.phase_one, cold.phase_one)):
            assert one.examined.changed == other.examined.changed
            for mine, theirs in zip(one.examined.predictions, other.examined.predictions, strict=True):
                assert (mine.image, mine.predicted) == (theirs.image, theirs.predicted)
                assert mine.margin == pytest.approx(theirs.margin, abs=1e-4)


ON_A_DEVICE = """
import sys, msgspec, torch
from grader.workers import evaluate_class
from grader.workers.parts import checkpoints
from grader.workers.messages import EvaluateClass, EvaluatedClass
torch.set_num_threads(1)
request = msgspec.json.decode(sys.stdin.buffer.read(), type=EvaluateClass)
backbone = checkpoints.build(evaluate_class.evaluation(request, request.parts[0]))
answers = evaluate_class._on_device(torch.device("cpu"), request, backbone)
sys.stdout.buffer.write(msgspec.json.encode(EvaluatedClass(tuple(answers))))
"""


def test_on_a_gpu_each_is_evaluated_in_turn_and_graphs_apart(homework: Homework, tmp_path: Path) -> None:
    """The path of a GPU, walked on the processor: no machine of the tests has one."""
    network = homework.network({**homework.head, **homework.upper})
    whole = save(network.state_dict())
    contents = {
        "tensors": whole, "graph": exported(network), "broken": whole[:-9], "pickle": pickled(homework.head)
    }  # fmt: skip
    images = tuple(str(tmp_path / f"{name}.png") for name in list(homework.pictures)[:5])
    for path, picture in zip(images, homework.pictures.values(), strict=False):
        Path(path).write_bytes(picture)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    request = EvaluateClass(
        library="timm",
        backbone=BACKBONE,
        classes=2,
        pretrained=str(homework.weights / f"timm-{BACKBONE}-{WEIGHTS}.safetensors"),
        reference=preprocessing.accepted("timm", BACKBONE, WEIGHTS)[0],
        parts=tuple(Part({"final": str(tmp_path / name)}, images) for name in contents),
        threads=2,
    )
    done = subprocess.run(
        [sys.executable, "-c", ON_A_DEVICE],
        input=msgspec.json.encode(request),
        capture_output=True,
        check=True,
    )
    answers = msgspec.json.decode(done.stdout, type=EvaluatedClass).answers
    tensors, graph, broken, pickle = [each.checkpoints["final"] for each in answers if each]
    assert [each.predicted for each in tensors.predictions] == [0, 1, 0, 1, 0]
    for other in (graph, pickle):
        assert [each.predicted for each in other.predictions] == [0, 1, 0, 1, 0]
    assert (graph.format, pickle.format) == ("onnx", "pickle")
    assert graph.predictions[0].margin == pytest.approx(tensors.predictions[0].margin, abs=1e-3)
    assert "is not a whole safetensors file" in broken.refused


class Around(nn.Module):
    """Its input reaches the head past the boundary."""

    def __init__(self) -> None:
        super().__init__()
        self.lower = nn.Conv2d(3, 3, 1)
        self.upper = nn.Conv2d(3, 3, 1)
        self.head = nn.Conv2d(3, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.head(self.upper(self.lower(x)) + x).mean((2, 3))
        return answer


def test_a_network_with_a_way_around_has_no_boundary() -> None:
    torch.manual_seed(0)
    assert replay.boundary(Around().eval(), {"upper.weight"}, torch.randn(2, 3, 8, 8)) is None


@pytest.mark.parametrize(
    ("name", "changed", "boundary"),
    [("test_resnet", "layer4.0.conv1.weight", "layer3"), ("test_efficientnet", "conv_head.weight", "blocks"),
     ("test_vit", "head.weight", "norm"), ("test_resnet", "conv1.0.weight", None),
     ("test_vit", "pos_embed", None)],
)  # fmt: skip
def test_the_boundary_is_the_last_layer_before_the_first_changed_one(
    name: str, changed: str, boundary: str | None
) -> None:
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=2).eval()
    images = torch.randn(2, 3, 160, 160)
    found = replay.boundary(network, {changed}, images)
    assert (found.name if found else None) == boundary
    if found:
        with torch.no_grad():
            plain = network(images)
            outputs = replay.record(network, found, images)
            with replay.replaying(network, found, [outputs]):
                assert torch.equal(network(torch.zeros_like(images)), plain)
            assert torch.equal(network(images), plain)
