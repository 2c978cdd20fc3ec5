"""The grader's own process stays light: what a real run has loaded is looked at, not what the source says."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.building import commit
from tests.test_cli import CONTRACT, RUBRIC, SPLITS

HEAVY = {
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "pandas",
    "nbformat",
    "nbgrader",
    "openpyxl",
    "reportlab",
    "git",
    "PIL",
    "sklearn",
    "asyncio",
    "ray",
}

SCRIPT = """\
import json, sys
from grader.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


# What starts a process, what reads English, programs and logs: to judge what was measured takes none of them.
MEASURING = {
    "grader.sandbox.starting",
    "grader.sandbox.backends",
    "grader.reading.english.scorer",
    "grader.reading.english.inspection",
    "grader.reading.programs.reader",
    "grader.reading.preprocessing.pipelines",
    "grader.reading.logs.grammars",
    "grader.running.evaluation.measuring",
    "grader.render.junit",
}


def test_what_must_not_be_loaded_is_there() -> None:
    """A module that got another name would be missing everywhere."""
    assert all(importlib.util.find_spec(name) for name in MEASURING)


def loaded(folder: Path, *arguments: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stderr.splitlines()[-1]))


def test_the_version_loads_next_to_nothing(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--version")
    assert not modules & (HEAVY | {"msgspec", "subprocess", "zoneinfo", "tomllib"})


@pytest.mark.parametrize("lane", [["--static"], []])
def test_a_check_loads_no_heavy_package(tmp_path: Path, lane: list[str]) -> None:
    files = {"README.md": "# A\n", "submission.toml": CONTRACT, "data/splits.csv": SPLITS}
    commit(tmp_path / "homework", files)
    (tmp_path / "small.toml").write_text(RUBRIC)
    modules = loaded(
        tmp_path, "check", "homework", "--assignment", "small.toml", "--evidence", "e.json", *lane
    )
    assert "grader.repository" in modules
    assert not {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize(
    "command", [["explain"], ["explain", "english"], ["spec", "lint", "hw4"], ["judge", "measured.json"]]
)
def test_what_measures_nothing_loads_nothing_that_measures(tmp_path: Path, command: list[str]) -> None:
    if command[0] == "judge":
        commit(tmp_path / "homework", {"README.md": "# A\n", "submission.toml": CONTRACT})
        measured = ["--assignment", "hw4", "--static", "--evidence", "measured.json"]
        assert "grader.reading.english.scorer" in loaded(tmp_path, "check", "homework", *measured)
    modules = loaded(tmp_path, *command)
    assert "grader.checks.english" in modules
    assert not modules & MEASURING


def test_english_of_text_starts_no_process(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# All of this is English.\n")
    modules = loaded(tmp_path, "english", "README.md")
    assert "grader.reading.english.scorer" in modules
    assert not modules & {"grader.sandbox.starting", "grader.sandbox.backends"}
