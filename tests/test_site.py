"""The site of `make docs`: each link leads somewhere, each page is in the menu, words can be searched for."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def build(source: Path, site: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    return subprocess.run(
        [*command, "--conf-dir", str(ROOT / "docs"), str(source), str(site)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of all pages, as `make docs` does; a link that leads nowhere is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_readme_is_the_front_page_and_its_table_the_menu(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert page == (site / "README.html").read_text()
    pages = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")}
    pages |= {"ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG", "student/README"}
    menu = page[page.index("sidebar-tree") : page.index("<article")]
    assert {name for name in pages if f'href="{name}.html"' not in menu} == set()
    assert "<table" in page and ":hidden:" not in page


def test_words_can_be_searched_for(site: Path) -> None:
    text = (site / "searchindex.js").read_text()
    index: dict[str, Any] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    found = index["terms"]["bubblewrap"]
    names = {index["docnames"][number] for number in (found if isinstance(found, list) else [found])}
    assert "docs/sandbox" in names


def test_a_link_to_nowhere_and_a_forgotten_page_are_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "# A\n\n| about | pages |\n|---|---|\n| it | [one](docs/one.md) |\n\n[no](docs/no.md)\n"
    )
    (tmp_path / "docs" / "one.md").write_text("# One\n\n[two](../README.md#b)\n")
    (tmp_path / "docs" / "two.md").write_text("# Two\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    told = done.stderr.splitlines()
    for place, what in (("README.md:7", "docs/no.md"), ("one.md:3", "'b'"), ("two.md", "toctree")):
        assert any(place in line and what in line for line in told), (place, told)
