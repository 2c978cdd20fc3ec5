"""What the grader makes of a worker that does not answer."""

from pathlib import Path

import pytest
from msgspec import Struct

from grader.ground.errors import NotMeasured
from grader.workers import asking
from grader.workers.messages import Evaluated, Fetched, FetchWeights


class Nonsense(Struct):
    nothing: int = 0


def test_a_worker_that_breaks_measures_nothing() -> None:
    with pytest.raises(NotMeasured, match=r"the worker evaluate broke: .*ValidationError"):
        asking.ask("evaluate", Nonsense(), Evaluated)


def test_a_missing_package_is_named_with_its_extra() -> None:
    trouble = "Traceback ...\nModuleNotFoundError: No module named 'torch'\n"
    with pytest.raises(NotMeasured, match="^torch is not installed here$") as raised:
        asking._require_success("evaluate", 1, trouble)
    assert raised.value.hint == "pip install 'smartlab-coursework[evaluate]'"


def test_weights_that_nobody_has_measure_nothing(tmp_path: Path) -> None:
    request = FetchWeights("timm", "test_resnet", "no_such_tag", str(tmp_path / "weights.safetensors"))
    reason = "the weights no_such_tag of timm test_resnet cannot be had"
    with pytest.raises(NotMeasured, match=reason) as raised:
        asking.ask_with_network("fetch_weights", request, Fetched, 120)
    assert "timm-test_resnet-no_such_tag.safetensors with --weights" in raised.value.hint
    assert not list(tmp_path.iterdir())


def test_a_worker_with_network_imports_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever grades may stand in the folder of a submission, or have it on PYTHONPATH."""
    here = tmp_path / "submission"
    here.mkdir()
    for name in ("json", "msgspec", "torch", "sitecustomize"):
        hostile = f"open({str(tmp_path / name)!r}, 'w').close(); raise SystemExit('hostile')"
        (here / f"{name}.py").write_text(hostile)
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", str(here))
    request = FetchWeights("torchvision", "no_such_network", "default", str(tmp_path / "weights.safetensors"))
    with pytest.raises(NotMeasured, match="the weights default of torchvision no_such_network cannot be had"):
        asking.ask_with_network("fetch_weights", request, Fetched, 120)
    assert list(tmp_path.iterdir()) == [here]
