"""Copies of the starter repository, with their submission.toml filled in."""

import re
import shutil
from pathlib import Path

NETWORK = "test_efficientnet"  # timm's smallest: 0.4 million parameters
WEIGHTS = "r160_in1k"

STARTER = Path(__file__).parents[1] / "student"
# What somebody who ran the steps in the starter itself left there.
LEAVE = shutil.ignore_patterns("__pycache__", ".venv", "data", "logs", "*.safetensors")


def set_keys(path: Path, **values: str) -> None:
    """Set keys of a submission.toml; a key that is only there as a comment is brought to life."""
    text = path.read_text()
    for key, value in values.items():
        text, found = re.subn(
            rf"^(# )?{key} = [^#\n]*", f"{key} = {value} ", text, count=1, flags=re.MULTILINE
        )
        assert found, key
    path.write_text(text)


def copy(folder: Path, **values: str) -> Path:
    """The starter with these keys of its submission.toml set."""
    shutil.copytree(STARTER, folder, ignore=LEAVE)
    set_keys(folder / "submission.toml", **values)
    return folder


def with_digits(folder: Path, train: int, val: int, test: int) -> Path:
    """The starter with so many digits of each class and the tiny network."""
    return copy(
        folder,
        classes='["even", "odd"]',
        source='"digits"',
        train=str(train),
        val=str(val),
        test=str(test),
        library='"timm"',
        backbone=f'"{NETWORK}"',
        weights=f'"{WEIGHTS}"',
    )
