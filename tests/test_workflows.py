"""The workflows in templates/: their commands run as they stand; what runs students' code has no secret."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.conftest import RUBRIC
from tests.repository.building import commit

ROOT = Path(__file__).parent.parent
WORKFLOWS = ROOT / "templates" / "workflows"
FILES = (ROOT / "action.yml", *WORKFLOWS.glob("*.yml"), *(ROOT / "templates" / "snapshot").glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)
    return found


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a submission, and programs that only note how the host's own tools were called."""
    (tmp_path / "small.toml").write_text(
        f'{RUBRIC}\n[checks.deadline]\nat = "2020-11-10 23:59"\nzone = "UTC"\n'
    )
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


def run(machine: Path, command: str, folder: str = "", **environment: str) -> str:
    """As GitHub and GitLab do: bash, which stops at the first error."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=machine / folder, capture_output=True, text=True,
        check=False,
        env={"PATH": f"{machine}/bin:{os.environ['PATH']}", "HOME": str(machine), "PYTHONPATH": str(ROOT),
             "URL": str(machine / "homework"), "ASSIGNMENT": str(machine / "small.toml"), "DEADLINE": "",
             "GITHUB_STEP_SUMMARY": str(machine / "summary.md"), "GITHUB_OUTPUT": str(machine / "output"),
             "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(machine)} | environment,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def used(data: Any) -> Iterator[str]:
    """Whatever `uses:`, `image:` or an address of git names, at any depth."""
    if isinstance(data, dict):
        yield from (str(value) for key, value in data.items() if key in ("uses", "image"))
        yield from (each for value in data.values() for each in used(value))
    elif isinstance(data, list):
        yield from (each for value in data for each in used(value))
    elif isinstance(data, str):
        yield from re.findall(r"git\+https\S+(?<!\")", data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_comes_from_elsewhere_is_named_by_its_hash(path: Path) -> None:
    assert [each for each in used(read(path)) if not re.search(r"@(sha256:)?[0-9a-f]{40,64}$", each)] == []


def test_the_action_tells_the_verdict_in_every_place(machine: Path) -> None:
    """The last commit came after the assignment's deadline, and before the one that the course set."""
    commit(machine / "homework", {"README.md": "hello again"}, "2020-11-11T12:00:00+0100")
    setup, install, grade = read(ROOT / "action.yml")["runs"]["steps"]
    assert "uses" in setup and all(each["shell"] == "bash" for each in (install, grade))
    run(machine, install["run"], "homework")
    told = run(machine, grade["run"], "homework", DEADLINE="2020-11-12 23:59")
    assert (machine / "output").read_text() == f"folder={machine}/verdict\n"
    verdict = json.loads((machine / "verdict" / "verdict.json").read_text())
    assert "PASSED  10/10 points" in told and "::notice title=Small::passed, 10/10 points" in told
    assert verdict["commit"]["committed"].startswith("2020-11-11")
    assert "**10/10 points**, passed" in (machine / "summary.md").read_text()
    assert json.loads((machine / "verdict" / "verdict.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse(machine / "verdict" / "verdict.xml").find("testsuite/testcase") is not None


def test_a_push_on_github_may_read_and_its_alerts_see_findings_alone() -> None:
    workflow = read(WORKFLOWS / "grade.yml")
    grade, alerts = workflow["jobs"]["grade"], workflow["jobs"]["alerts"]
    assert workflow["permissions"] == {} and grade["permissions"] == {"contents": "read"}
    assert grade["steps"][0]["with"]["persist-credentials"] == "false"
    assert alerts["permissions"] == {"security-events": "write"}
    assert not any("checkout" in each["uses"] for each in alerts["steps"]), "no file of the student's"
    assert "secrets" not in str(workflow)


def test_a_push_on_gitlab_leaves_a_report_of_its_tests(machine: Path) -> None:
    """GitLab checks out a commit, no branch."""
    grade = read(WORKFLOWS / "grade.gitlab-ci.yml")["grade"]
    subprocess.run(["git", "checkout", "--quiet", "--detach"], cwd=machine / "homework", check=True)
    subprocess.run(
        ["git", "branch", "--quiet", "--delete", "--force", "main"], cwd=machine / "homework", check=True
    )
    for command in grade["script"]:
        run(machine, command, "homework", CI_COMMIT_BRANCH="main", GRADER=grade["variables"]["GRADER"])
    report = machine / "homework" / grade["artifacts"]["reports"]["junit"]
    assert ElementTree.parse(report).findall("testsuite/testcase/failure") == []
    assert all((machine / "homework" / name).exists() for name in grade["artifacts"]["paths"])


def test_what_collects_on_github_has_no_secret_and_hands_over_evidence(machine: Path) -> None:
    workflow = read(WORKFLOWS / "grade-gpu.yml")
    collect, judge = workflow["jobs"]["collect"], workflow["jobs"]["judge"]
    assert workflow["permissions"] == {}, "nothing may be written"
    assert "secrets" not in str((collect, workflow.get("env")))
    assert "self-hosted" not in judge["runs-on"] and judge["needs"] == "collect"
    assert collect["runs-on"] == ["self-hosted", "gpu"] and set(workflow["on"]) == {"workflow_dispatch"}
    for step in [*collect["steps"], *judge["steps"]]:
        if "run" in step:
            run(machine, step["run"])
    assert "**10/10 points**, passed" in (machine / "summary.md").read_text()
    assert (machine / "calls").read_text().splitlines()[-2:] == ["--body-file", "feedback.md"]


def test_what_collects_on_gitlab_has_no_secret_and_hands_over_evidence(machine: Path) -> None:
    pipeline = read(WORKFLOWS / "grade-gpu.gitlab-ci.yml")
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
