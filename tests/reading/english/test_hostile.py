"""Files that are made to hurt are answered quickly, and cost only themselves."""

import json
import random

import pytest

from tests.reading.english.repositories import inspected, places

HUNGARIAN = "# itt fagyasztjuk be a felső rétegeket\n"
MEGABYTE = 990_000

HOSTILE = {
    "brackets.py": "(" * MEGABYTE,
    "nested_calls.py": "f(" * 100_000 + ")" * 100_000,
    "indents.py": "".join(" " * level + "if 1:\n" for level in range(1_200)),
    "one_line.py": "x = '" + "a" * MEGABYTE + "'",
    "one_line_of_names.py": "x = " + "a.b, " * 190_000,
    "one_comment.py": "#" + " kep" * 200_000,
    "quotes.py": "'\"" * 400_000,
    "backslashes.py": "\\\n" * 300_000,
    "fstrings.py": "f'{f\"{" * 100_000,
    "one_line.md": "[a](" * 200_000,
    "ticks.md": "`" * MEGABYTE,
    "quotes.md": "> " * 400_000,
    "pipes.md": "|" * MEGABYTE,
    "markup.md": "<" * MEGABYTE,
    "braces.md": "{" * MEGABYTE,
    "slashes.txt": "/a" * 400_000,
    "dots.txt": "a." * 400_000,
    "at.txt": "a@" * 400_000,
    "accents.txt": "a\u0301\u0302" * 200_000,
    "words.txt": "\n".join("kep" + "abcdefghij"[number % 10] * (number % 50) for number in range(30_000)),
    "deep.yaml": "- " * 100_000,
    "keys.yaml": "? " * 200_000,
    "deep.toml": "a = " + "[" * 300_000,
    "comment.cpp": "/*" * 300_000,
    "raw.cpp": 'R"(' * 200_000,
    "open.lua": "--[[" * 200_000,
    "heredoc.sh": "cat <<A\n" * 60_000,
    "dollars.sh": "$(" * 300_000,
    "dollars.tex": "$" * MEGABYTE,
    "backslashes.tex": "\\" * MEGABYTE,
    "Makefile": "$(" * 300_000,
    "Dockerfile": "RUN \\\n" * 100_000,
    "open.js": "`${" * 200_000,
    "slashes.js": "/" * MEGABYTE,
    "deep.ipynb": '{"cells":' + "[" * 300_000,
    "wrong.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": {"a": 1}}]}),
    "metadata.ipynb": '{"metadata":{"a":' + "[" * 300_000 + "]" * 300_000 + '},"cells":[]}',
    "english.toml": "words = " + "[" * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_keeps_nobody_from_the_next_one(name: str) -> None:
    inspection = inspected({name: HOSTILE[name], "zzz.py": HUNGARIAN})
    assert "zzz.py:1" in places(inspection)


def test_noise_is_read_as_no_text() -> None:
    noise = random.Random(1).randbytes(100_000)
    inspection = inspected({"a.py": noise, "b.md": noise, "c.ipynb": noise, "d.txt": b"\0" * 1000})
    assert set(inspection.left_out) == {"a.py", "b.md", "c.ipynb", "d.txt"}
    assert not inspection.hits


def test_hidden_characters_do_not_hide_a_line() -> None:
    text = "\u200b".join("itt fagyasztjuk be a felső rétegeket")
    inspection = inspected({"a.md": text, "b.md": "itt fagyasz\u00adtjuk be a felso\u030b re\u0301tegeket"})
    assert places(inspection) == ["a.md:1", "b.md:1"]
