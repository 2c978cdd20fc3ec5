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

# Keys of submission.toml, and settings of training.
CHANGES = {
    "a hidden layer, dropout, another optimiser": (
        {"head": "[32]", "dropout": "0.2"},
        "--optimizer NAdam --lr-head 0.01 --lr 0.001 --label-smoothing 0.05",
    ),
    "dropout alone, early stopping, the best epoch, more upper layers": (
        {"dropout": "0.3", "upper_layers": '["blocks.3", "blocks.4", "conv_head", "bn2"]'},
        "--optimizer RMSprop --lr-head 0.005 --lr 0.0003 --patience 2 --keep-best --views fresh",
    ),
}


@pytest.mark.usefixtures("workers_here")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_is_invited_gets_full_points(
    change: str, tmp_path: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys, settings = CHANGES[change]
    folder = tmp_path / "homework"
    starter.with_digits(folder, train=60, val=20, test=50)
    starter.set_keys(folder / "submission.toml", **keys)
    flags = f"TRAIN_FLAGS=--epochs-head 20 --epochs-upper 6 --batch-size 10 {settings}"
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
    assert settings.split()[1] in told  # the optimiser's name, as it ran
    assert f"dropout {keys['dropout']}" in told
    assert ("(starts random)" in told) == ("head" in keys)
    assert ("stopped early" in told) == (log[-2]["event"] == "early_stopping")
