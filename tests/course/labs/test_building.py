"""What students get holds nothing private; what the kill table shows; which wrong files are named."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader import assignment
from grader.checks.lab import Loaded
from grader.cli import main
from grader.course.labs import building
from grader.ground.errors import NotMeasured
from grader.workers import asking
from tests.running.labs.conftest import LABS, NAMES, check


def made(name: str, asked: Loaded) -> dict[str, str]:
    return building.files(name, building.parts(LABS / name, asked, 10), asked)


@pytest.mark.parametrize("name", NAMES)
def test_a_release_does_not_depend_on_anything_private(name: str) -> None:
    asked = check(name)
    other = replace(asked.exam, reference=asked.exam.reference + "\nFURTHER = 1\n", wrong={})
    one, two = made(name, asked), made(name, replace(asked, exam=other))
    released = {path: text for path, text in one.items() if path.startswith("release/")}
    assert released == {path: text for path, text in two.items() if path.startswith("release/")}
    bodies = [line.strip() for line in asked.exam.reference.splitlines() if "=" in line and len(line) > 30]
    assert bodies and not any(
        line in text for path, text in released.items() for line in bodies if not path.endswith(".md")
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes_the_hidden_tests_and_the_starter_does_not(name: str) -> None:
    """As nbgrader would run the notebooks, cell by cell; the cells are ours."""
    files = made(name, check(name))
    solved, starter = (code(files[f"{way}/{name}/{name}.ipynb"]) for way in ("source", "release"))
    executed(solved, name)
    known = executed(starter, name)
    assert "HIDDEN" not in "".join(starter)
    tests = [cell for cell in solved if "BEGIN HIDDEN TESTS" in cell]
    assert len(tests) == len(building.parts(LABS / name, check(name), 10).points)
    for test in tests:
        with pytest.raises(NotImplementedError):
            exec(compile(test, name, "exec"), dict(known))


def code(notebook: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]


def executed(cells: Iterable[str], name: str) -> dict[str, object]:
    known: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, name, "exec"), known)
    return known


def test_the_command_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "build", "l1", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "release/l1/l1.ipynb") in capsys.readouterr().out
    assert (tmp_path / "release/l1/l1.py").read_text() == (LABS / "l1" / "l1.py").read_text()


def test_the_table_shows_what_survives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "course" / "labs" / "l1"
    shutil.copytree(LABS / "l1", folder)
    harmless = 'mistake = "none"\n[[edits]]\nat = "h, states = h0, []"\ninstead = "states, h = [], h0"\n'
    (folder / "private" / "wrong" / "harmless.toml").write_text(harmless)
    assert main(["lab", "mutants", str(folder), "--seeds", "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (survivor,) = [line for line in lines if "SURVIVES" in line]
    assert survivor.split() == ["harmless", *"......", "SURVIVES", "2", "of", "2", "seeds"]


def test_a_wrong_solution_that_does_not_fit_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "course" / "labs" / "l1"
    shutil.copytree(LABS / "l1", folder)
    twice = 'mistake = "none"\n[[edits]]\nat = "h0"\ninstead = "0 * h0"\n'
    (folder / "private" / "wrong" / "twice.toml").write_text(twice)
    assert main(["lab", "mutants", str(folder)]) == 2
    assert "wrong/twice.toml: 'h0' stands 7 times in reference.py" in capsys.readouterr().err


def test_a_lab_without_its_private_part_is_the_instructors_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "course" / "labs" / "l1"
    shutil.copytree(LABS / "l1", folder, ignore=shutil.ignore_patterns("private"))
    with pytest.raises(Exception, match="a lab needs its private folder"):
        assignment.load(folder / "assignment.toml")


def test_the_private_part_may_lie_in_a_repository_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "course" / "l1"
    shutil.copytree(LABS / "l1", folder)
    shutil.move(folder / "private", tmp_path / "ours")
    with (folder / "assignment.toml").open("a") as file:
        file.write('private = "../../ours"\n')
    found = assignment.load(folder / "assignment.toml").criteria[-1].check
    assert isinstance(found, Loaded) and found.exam == check("l1").exam


@pytest.mark.parametrize("asked", [["build", "l1", "--out", "made"], ["mutants", "l1"]])
def test_a_missing_package_is_told_with_how_to_install_it(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(*_: object, **__: object) -> None:
        raise NotMeasured("numpy is not installed here", "pip install 'smartlab-coursework[evaluate]'")

    monkeypatch.setattr(asking, "ask", lacks)
    assert main(["lab", *asked]) == 2
    said = "grader: numpy is not installed here: pip install 'smartlab-coursework[evaluate]'\n"
    assert capsys.readouterr().err == said
