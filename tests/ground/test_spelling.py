"""Paths as students write them, and the one file that each means."""

import unicodedata

import pytest

from grader import contract
from grader.checks.required_files import RequiredFiles
from grader.ground.spelling import Spellings
from tests.conftest import CONTRACT, Make

FILES = (
    "data/splits.csv",
    "README.md",
    unicodedata.normalize("NFD", "r\u00e9sum\u00e9.pdf"),
    "report\\u200cfinal.pdf",
)


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("./data/splits.csv", FILES[0]), ("data\\splits.csv", FILES[0]), ("data//./splits.csv", FILES[0]),
        ("data/../data/splits.csv", FILES[0]), ("Data/Splits.CSV", FILES[0]), ("readme.md", FILES[1]),
        ("r\u00e9sum\u00e9.pdf", FILES[2]), ("report\u200cfinal.pdf", FILES[3]),
    ],
)  # fmt: skip
def test_one_file_in_several_spellings(written: str, file: str) -> None:
    assert Spellings(FILES).of(written) == file


@pytest.mark.parametrize("written", ["../data/splits.csv", "/data/splits.csv", "splits.csv", "data", ""])
def test_what_names_no_file_stays_as_it_is(written: str) -> None:
    assert Spellings(FILES).of(written) == written


def test_two_files_that_differ_in_case_are_not_guessed_between() -> None:
    both = Spellings(["a.md", "A.md"])
    assert [both.of(path) for path in ("a.md", "./A.md", "A.MD")] == ["a.md", "A.md", "A.MD"]


def test_a_contract_and_required_files_find_them(submit: Make) -> None:
    written = CONTRACT + '\n[documents]\nreport = "./Report.pdf"\n[log]\npaths = ["./a.log", "a.log"]\n'
    submission = submit(
        {"submission.toml": written, "report.pdf": b"%PDF", "a.log": "x", "readme.md": "# Cats"}
    )
    declared = contract.read(submission)
    assert (declared.documents.report, declared.log.paths) == ("report.pdf", ("a.log",))
    found = RequiredFiles(paths=("README.md",)).collect(submission)
    assert (dict(found.present), found.absent) == ({"readme.md": 6}, ())
