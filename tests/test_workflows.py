"""The workflows in templates/: their commands run as they stand; what runs students' code has no secret."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import RUBRIC
from tests.repository.building import commit

WORKFLOWS = Path(__file__).parent.parent / "templates" / "workflows"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((WORKFLOWS / name).read_text(), yaml.BaseLoader)
    return found


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a submission, and programs that only note how the host's own tools were called."""
    (tmp_path / "small.toml").write_text(RUBRIC)
    commit(tmp_path / "homework", {"README.md": "hello"})
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("pip", "gh", "curl"):
        (programs / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" >> "{tmp_path}/calls"\n')
    (programs / "grader").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grader "$@"\n')
    (programs / "python").symlink_to(sys.executable)
    for path in programs.iterdir():
        path.chmod(0o755)
    return tmp_path


def run(machine: Path, command: str, **environment: str) -> None:
    """As GitHub and GitLab do: bash, which stops at the first error."""
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=machine, capture_output=True, text=True, check=False,
        env={"PATH": f"{machine}/bin:{os.environ['PATH']}", "HOME": str(machine), "PYTHONPATH": root,
             "URL": str(machine / "homework"), "ASSIGNMENT": str(machine / "small.toml"),
             "GITHUB_STEP_SUMMARY": str(machine / "summary.md")} | environment,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("name", ["grade.yml", "grade-gpu.yml"])
def test_what_collects_on_github_has_no_secret_and_hands_over_evidence(name: str, machine: Path) -> None:
    workflow = read(name)
    collect, judge = workflow["jobs"]["collect"], workflow["jobs"]["judge"]
    assert workflow["permissions"] in ({}, {"contents": "read"}), "nothing may be written"
    assert "secrets" not in str((collect, workflow.get("env")))
    assert "self-hosted" not in judge["runs-on"] and judge["needs"] == "collect"
    if name == "grade.yml":  # it grades the checkout that it stands in, for the course's homework
        return
    assert collect["runs-on"] == ["self-hosted", "gpu"] and set(workflow["on"]) == {"workflow_dispatch"}
    for step in [*collect["steps"], *judge["steps"]]:
        if "run" in step:
            run(machine, step["run"])
    assert "    PASSED  10/10 points" in (machine / "summary.md").read_text()
    assert (machine / "calls").read_text().splitlines()[-2:] == ["--body-file", "feedback.md"]


def test_what_collects_on_gitlab_has_no_secret_and_hands_over_evidence(machine: Path) -> None:
    pipeline = read("grade-gpu.gitlab-ci.yml")
    collect, judge = pipeline["collect"], pipeline["judge"]
    assert collect["tags"] == ["gpu"] and "tags" not in judge
    assert "environment" not in collect and judge["environment"] == "feedback", "the scope of the token"
    address = "https://gitlab.example/group/homework.git"
    for job in (collect, judge):
        for command in job["script"]:
            about = {"URL": address} if "curl" in command else {}
            run(machine, command, CI_API_V4_URL="https://gitlab.example/api/v4", FEEDBACK_TOKEN="-", **about)
    assert (machine / "calls").read_text().splitlines()[-1] == (
        "https://gitlab.example/api/v4/projects/group%2Fhomework/issues"
    )
