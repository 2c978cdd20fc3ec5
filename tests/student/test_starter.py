"""The starter repository as a whole: its README names every program, and a copy of it holds nothing made."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.student.conftest import small_project

ROOT = Path(__file__).parents[2]


def test_the_readme_names_every_step_and_every_folder():
    readme = (ROOT / "student/README.md").read_text()
    table = [line.split("|")[1] for line in readme.splitlines() if line.startswith("| `")]
    steps = {name for cell in table for name in re.findall(r"`(\w+\.py)`", cell)}
    folders = {name for cell in table for name in re.findall(r"^ `(\w+)/` $", cell)}
    finetune = ROOT / "student/finetune"
    assert steps == {path.name for path in finetune.glob("*.py")} - {"__init__.py"}
    assert folders == {path.parent.name for path in finetune.glob("*/__init__.py")}


def test_a_student_s_own_copy_holds_nothing_that_running_made(handed_out, tmp_path):
    """Also if somebody has gone all the way in the starter itself."""
    shutil.copytree(ROOT / "scripts", tmp_path / "course/scripts")
    shutil.copytree(handed_out, tmp_path / "course/student")
    command = [sys.executable, str(tmp_path / "course/scripts/student.py"), str(tmp_path / "mine")]
    subprocess.run(command, check=True, capture_output=True)
    copied = [
        path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*") if path.is_file()
    ]
    starter = small_project(tmp_path / "starter")
    handed_over = [path.relative_to(starter) for path in starter.rglob("*") if path.is_file()]
    assert sorted(path for path in copied if path.parts[0] != ".git") == sorted(handed_over)
