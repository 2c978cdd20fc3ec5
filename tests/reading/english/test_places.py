"""A line of Hungarian in an English repository is found where it stands; its English twin is not."""

import json

import pytest

from grader.reading import english
from tests.reading.english.repositories import inspected, places

WITH = "itt fagyasztjuk be a hálózat felső rétegeit"
WITHOUT = "itt fagyasztjuk be a halozat felso retegeit"
ENGLISH = "here the upper layers of the network are frozen"
THREE = (WITH, WITHOUT, ENGLISH)

NOTEBOOK_CELLS = [
    {"cell_type": "markdown", "source": ["# Training\n", "The network is trained in two phases.\n"]},
    {"cell_type": "code", "source": "%matplotlib inline\n!pip install timm\nx = 1"},
]


def notebook(kind: str, text: str) -> str:
    return json.dumps(
        {"cells": [*NOTEBOOK_CELLS, {"cell_type": kind, "source": text}], "metadata": {}, "nbformat": 4}
    )


# what is planted: the file, its content with a hole for the line, and the place where it has to be found
PLANTS = {
    "comment": ("a.py", "x = 1\n# {}\n", "a.py:2"),
    "comment after code": ("a.py", "x = 1\ny = 2  # {}\n", "a.py:2"),
    "docstring": ("a.py", 'def load():\n    """Loads all images.\n\n    {}\n    """\n', "a.py:4"),
    "string": ("a.py", 'x = 1\n\nprint("{}")\n', "a.py:3"),
    "f-string": ("a.py", 'loss = 1\nprint(f"{}: {{loss:.3f}}")\n', "a.py:2"),
    "broken python": ("a.py", "def f(:\n  x = (\n# {}\n", "a.py:3"),
    "python 2": ("a.py", 'print "the loss"\nexec "x"\n# {}\n', "a.py:3"),
    "notebook markdown": ("n.ipynb", "markdown", "n.ipynb#c2"),
    "notebook code": ("n.ipynb", "code", "n.ipynb#c2"),
    "notebook shell": ("n.ipynb", "shell", "n.ipynb#c2"),
    "shell": ("run.sh", "#!/bin/sh\nset -e\n# {}\npython train.py\n", "run.sh:3"),
    "yaml comment": ("c.yaml", "epochs: 10\n# {}\nlr: 0.1\n", "c.yaml:2"),
    "yaml value": ("c.yml", "epochs: 10\nnote: {}\n", "c.yml:2"),
    "toml": ("c.toml", '[train]\nepochs = 10\nnote = "{}"\n', "c.toml:3"),
    "c++ comment": ("a.cpp", "#include <vector>\n// {}\nint main() {{ return 0; }}\n", "a.cpp:2"),
    "c++ block": ("a.cpp", "/* Loads the images.\n * {}\n */\nint main() {{ return 0; }}\n", "a.cpp:2"),
    "c++ string": ("a.cpp", 'int main() {{\n  puts("{}");\n}}\n', "a.cpp:2"),
    "lua": ("a.lua", "require 'nn'\n-- {}\nlocal x = 1\n", "a.lua:2"),
    "tex": ("a.tex", "\\section{{Method}}\n{}\n\\begin{{equation}}x\\end{{equation}}\n", "a.tex:2"),
    "tex comment": ("a.tex", "\\section{{Method}}\n% {}\n", "a.tex:2"),
    "dockerfile": ("Dockerfile", "FROM python:3.11\n# {}\nRUN pip install torch\n", "Dockerfile:2"),
    "makefile": ("Makefile", "all:\n\tpython train.py\n# {}\n", "Makefile:3"),
    "markdown": ("notes.md", "# Notes\n\n{}\n", "notes.md:3"),
    "markdown list": ("notes.md", "# Notes\n\n- Adam, 1e-4\n- {}\n", "notes.md:4"),
    "markdown table": ("notes.md", "| step | what |\n|---|---|\n| 1 | {} |\n", "notes.md:3"),
    "fenced code": ("notes.md", "# Notes\n\n```python\nx = 1\n# {}\n```\n", "notes.md:5"),
    "rst": ("notes.rst", "Notes\n=====\n\n{}\n", "notes.rst:4"),
    "text": ("notes.txt", "Notes\n\n{}\n", "notes.txt:3"),
    "javascript": ("a.js", "const x = 1;\n// {}\n", "a.js:2"),
    "r": ("a.R", "x <- 1\n# {}\n", "a.R:2"),
    "sql": ("a.sql", "SELECT 1;\n-- {}\n", "a.sql:2"),
}  # fmt: skip


def planted(name: str, line: str) -> dict[str, str | bytes]:
    path, content, _ = PLANTS[name]
    if content == "markdown":
        return {path: notebook("markdown", f"## Method\n\n{line}\n")}
    if content == "code":
        return {path: notebook("code", f"x = 1\n# {line}\n")}
    if content == "shell":
        return {path: notebook("code", f"%%bash\nset -e\n# {line}\n")}
    return {path: content.format(line)}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("line", [WITH, WITHOUT])
def test_a_planted_line_is_found_where_it_stands(name: str, line: str) -> None:
    inspection = inspected(planted(name, line))
    assert places(inspection) == [PLANTS[name][2]]
    hit = inspection.hits[0]
    assert hit.language == "hu"
    assert hit.strong
    assert "fagyasztjuk" in hit.words
    assert [finding.level for finding in english.judge(inspection)] == ["warning"]


@pytest.mark.parametrize("name", PLANTS)
def test_the_english_twin_passes(name: str) -> None:
    inspection = inspected(planted(name, ENGLISH))
    assert places(inspection) == []
    assert list(english.judge(inspection)) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1250"])
def test_other_encodings_are_read_and_told(encoding: str) -> None:
    text = f"# Notes of the measurements that were made in the laboratory\n\n{WITH}\n"
    inspection = inspected({"notes.md": text.encode(encoding)})
    assert places(inspection) == ["notes.md:3"]
    told = [finding.message for finding in english.judge(inspection) if "UTF-8" in finding.message]
    assert bool(told) == (encoding != "utf-8-sig")


@pytest.mark.parametrize("line", [WITH, WITHOUT])
def test_a_commit_message_is_a_warning_at_most(line: str) -> None:
    commits = [(f"{number:040x}", f"{line} {number}\n\nSigned-off-by: Nagy Anna") for number in range(20)]
    inspection = inspected({}, commits=commits)
    assert places(inspection)[0] == "commit 0000000"
    assert {finding.level for finding in english.judge(inspection)} <= {"warning", "note"}


def test_an_english_commit_passes() -> None:
    commits = [
        ("a" * 40, "Merge branch 'master' of https://github.com/nagy/hazi-feladat"),
        ("b" * 40, "fixx typo in readme"),
    ]
    assert places(inspected({}, commits=commits)) == []


@pytest.mark.parametrize(
    "source",
    [
        "def kep_betoltes():\n    pass\n",
        "class KepBetolto:\n    pass\n",
        "tanito_adatok = 1\n",
        "def f(tanulasi_rata):\n    pass\n",
        "for kepek in []:\n    pass\n",
        "import numpy as veszteseg\n",
        "self.pontossag = 1\n",
        "with x() as eredmenyek:\n    pass\n",
        "x = [kepek for kepek in y]\n",
        "if (osszeg := 1):\n    pass\n",
        "async def letoltes():\n    pass\n",
        "ertekek: list = []\n",
    ],
)
def test_a_name_that_the_source_defines_is_judged(source: str) -> None:
    inspection = inspected({"a.py": source})
    assert places(inspection) == ["a.py:1"]
    assert inspection.hits[0].kind == "identifier"
    assert not inspection.hits[0].strong


@pytest.mark.parametrize(
    "source",
    ["from hazi import kep_betoltes\n", "kep_betoltes(1)\n", "x = tanito.adatok\n", "x = f(kepek=1)\n"],
)
def test_a_name_of_somebody_else_is_not(source: str) -> None:
    assert places(inspected({"a.py": source})) == []


def test_a_file_name_is_a_warning_at_most() -> None:
    inspection = inspected({"tanito_adatok_betoltese.py": "x = 1\n"})
    assert places(inspection) == ["tanito_adatok_betoltese.py"]
    assert [finding.level for finding in english.judge(inspection)] == ["warning"]
