"""Changes that the homework invites are graded like the starter's own choice: full points for honest work."""

import json
import sys
from pathlib import Path

import pypdfium2
import pytest

from tests import starter
from tests.contract.conftest import Homework, run
from tests.contract.test_contract import failures
from tests.repository.building import commit

KEYS = {
    "head": "[32]",
    "dropout": "0.2",
    "upper_layers": '["blocks.3", "blocks.4", "conv_head", "bn2"]',
}
SETTINGS = "--optimizer NAdam --lr-head 0.01 --lr 0.001 --label-smoothing 0.05"
SETTINGS += " --patience 2 --keep-best --views fresh"


def test_changes_that_are_invited_get_full_points(
    tmp_path: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A hidden layer, dropout, another optimiser, more upper layers, early stopping, the best epoch."""
    folder = tmp_path / "homework"
    starter.with_digits(folder, train=60, val=20, test=50)
    starter.set_keys(folder / "submission.toml", **KEYS)
    flags = f"TRAIN_FLAGS=--epochs-head 20 --epochs-upper 6 --batch-size 10 {SETTINGS}"
    run(["make", "report", f"PYTHON={sys.executable}", flags], folder, environment)

    cache = tmp_path_factory.getbasetemp() / "cache"
    homework = Homework(commit(folder), environment, cache)
    verdict = homework.grade()
    assert failures(verdict) == {}
    assert verdict["points"] == {"min": 100, "max": 100, "of": 100}

    told = " ".join(
        page.get_textpage().get_text_bounded().replace("\r\n", " ")
        for page in pypdfium2.PdfDocument(folder / "report.pdf")
    )
    log = [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]
    assert "NAdam" in told  # as it ran
    assert "dropout 0.2" in told
    assert "(starts random)" in told
    assert ("stopped early" in told) == (log[-2]["event"] == "early_stopping")
