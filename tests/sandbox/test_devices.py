"""Which GPU a sandboxed process is given."""

import os
import sys
from pathlib import Path

import pytest

from grader.sandbox import Limits, devices
from grader.sandbox.backends import as_plain_process
from grader.sandbox.view import View

from .conftest import Workshop

TELL = "import os; print(os.environ.get('CUDA_VISIBLE_DEVICES'), os.environ.get('CUDA_DEVICE_ORDER'))"
LOCKED = "import resource; print(resource.getrlimit(resource.RLIMIT_MEMLOCK))"


@pytest.mark.parametrize(
    ("ours", "given"),
    [(None, "0"), ("2,3", "2"), ("GPU-8f1c", "GPU-8f1c"), ("", ""), ("-1", ""), ("-1,0", "")],
)
def test_a_process_is_given_the_first_gpu_that_was_given_to_us(
    monkeypatch: pytest.MonkeyPatch, ours: str | None, given: str
) -> None:
    """A scheduler such as Ray gives each of its workers its own, or none."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if ours is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ours)
    assert devices.environment(None)["CUDA_VISIBLE_DEVICES"] == given


@pytest.mark.parametrize(
    ("ours", "usable"),
    [(None, [0, 3]), ("3", [3]), ("3,0", [0, 3]), ("3,-1,0", [3]), ("", []), ("-1", []), ("7", [])],
)
def test_an_empty_list_of_cards_means_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: str | None, usable: list[int]
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if ours is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ours)
    assert not devices.here(tmp_path)
    for name in ("nvidia0", "nvidia3", "nvidiactl"):
        (tmp_path / name).touch()
    assert devices.here(tmp_path) == bool(usable)
    with devices.one_card(tmp_path) as card:
        assert card == (usable[0] if usable else None)


def test_a_card_is_counted_among_those_in_sight() -> None:
    assert devices.environment(3)["CUDA_VISIBLE_DEVICES"] == "0"
    assert devices.environment(3, others=[0, 3, 4])["CUDA_VISIBLE_DEVICES"] == "1"
    assert devices.environment(0, others=[0, 3, 4])["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.parametrize(
    ("limits", "told"),
    [(Limits(), " None"), (Limits(gpu=True), "2 None"), (Limits(gpu=True, card=0), "0 PCI_BUS_ID")],
)
def test_a_plain_process_is_shown_its_card_or_none(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, told: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    view = View(argv=(sys.executable, "-c", TELL), folder="/", environment=dict(os.environ), mounts=())
    assert as_plain_process(view, b"", limits).stdout.decode() == f"{told}\n"


def test_where_there_is_no_card_the_limits_are_not_those_of_one(workshop: Workshop) -> None:
    if devices.here():
        pytest.skip("there is a card here")
    assert workshop.run(LOCKED, Limits(gpu=True)).stdout == b"(0, 0)\n"
