"""The packages of `make dist`: complete, accepted by an index, at work where nothing else is installed."""

import importlib.metadata
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import grader

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"


def run(*command: str | Path, cwd: Path) -> str:
    """What it printed, run where Python finds no source of ours."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from that sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


def wheel(packages: Path) -> Path:
    return next(packages.glob("*.whl"))


def needed(metadata: str) -> Iterator[str]:
    """The names of the packages that the base install asks for."""
    for requirement in re.findall(r"^Requires-Dist: (.+)$", metadata, re.M):
        if "extra ==" not in requirement:
            yield re.split(r"[^\w.-]", requirement)[0]


def place(name: str, folder: Path) -> None:
    """An installed package, once more in this folder of packages."""
    for path in importlib.metadata.files(name) or ():
        if ".." not in path.parts:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(path.locate())


def test_an_index_accepts_them(packages: Path) -> None:
    told = run(sys.executable, "-m", "twine", "check", "--strict", *packages.iterdir(), cwd=packages)
    assert told.count("PASSED") == 2


def test_the_wheel_has_its_licences_its_types_and_what_a_course_needs(packages: Path) -> None:
    with zipfile.ZipFile(wheel(packages)) as archive:
        names = set(archive.namelist())
    info = f"smartlab_coursework-{grader.__version__}.dist-info"
    licences = {name.partition("licenses/")[2] for name in names if name.startswith(f"{info}/licenses/")}
    assert licences == {
        "LICENSE",
        "grader/reading/english/model/LICENSE.md",
        "grader/reading/preprocessing/LICENSE.md",
    }
    assert {
        "grader/py.typed",
        "grader/assignments/hw4/assignment.toml",
        "grader/templates/workflows/grade.yml",
    } <= names
    assert {name.partition("/")[0] for name in names} == {"grader", info}


def test_the_sdist_holds_what_the_tests_need(packages: Path) -> None:
    with tarfile.open(next(packages.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "tests/conftest.py",
        "student/Makefile",
        "docs/conf.py",
        "tox.ini",
        "constraints.txt",
        "LICENSE",
    } <= names


def test_the_wheel_works_where_nothing_else_is_installed(packages: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "empty", with_pip=False)
    libraries = next((tmp_path / "empty" / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel(packages)) as archive:
        archive.extractall(libraries)
        metadata = archive.read(
            next(name for name in archive.namelist() if name.endswith("METADATA"))
        ).decode()
    for name in needed(metadata):
        place(name, libraries)
    command = (tmp_path / "empty" / "bin" / "python", "-m", "grader")
    assert run(*command, "--version", cwd=tmp_path) == f"grader {grader.__version__}\n"
    assert run(*command, "spec", "lint", "hw4", cwd=tmp_path).startswith("hw4: ")
    assert "[checks.splits]" in run(*command, "explain", "splits", cwd=tmp_path)


def test_the_citation_names_the_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (str(citation["version"]), citation["license"]) == (grader.__version__, "MIT")


def test_the_release_is_published_without_a_token_by_a_job_that_runs_nothing_of_ours() -> None:
    text = WORKFLOW.read_text()
    jobs = yaml.load(text, yaml.BaseLoader)["jobs"]
    assert "secrets." not in text and "password" not in text
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert (
        jobs["publish"]["permissions"] == {"id-token": "write"}
        and jobs["publish"]["environment"]["name"] == "pypi"
    )
    assert not [step for step in jobs["publish"]["steps"] if "run" in step]
    used = re.findall(r"uses: (\S+)", text)
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)
