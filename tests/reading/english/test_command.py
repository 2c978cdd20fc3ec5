"""`grader english`: what it prints, how it ends, and lines of JSON."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.ground.errors import GraderError
from grader.reading.english import command
from tests.reading.english.repositories import ENGLISH_FILES
from tests.reading.english.test_rules import HUNGARIAN


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in ENGLISH_FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_an_english_folder_ends_with_zero(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run([str(repository)]) == 0
    assert capsys.readouterr().out == "English: no line has to be changed\n"


def test_a_foreign_folder_says_where_what_and_what_to_do(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "a.py").write_text("".join(f"# {line}\n" for line in HUNGARIAN), encoding="utf-8")
    assert command.run([str(repository)]) == 1
    printed = capsys.readouterr().out
    assert "a.py:2: error: Hungarian in a comment: # " in printed
    assert "«réteget»" in printed
    assert "write it in English" in printed


def test_a_single_file_is_judged_strictly_as_a_hook(repository: Path) -> None:
    file = repository / "a.py"
    file.write_text(f"# {HUNGARIAN[0]}\n", encoding="utf-8")
    assert command.run([str(file)]) == 0
    assert command.run([str(file)], strict=True) == 1
    assert command.run([str(repository / "train.py")], strict=True) == 0


def test_the_message_of_a_commit_in_the_making(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stage `commit-msg` names git's own file; its remarks are in the user's language and no message."""
    file = tmp_path / "COMMIT_EDITMSG"
    remarks = f"# {HUNGARIAN[1]}\n# ------------------------ >8 ------------------------\n{HUNGARIAN[2]}\n"
    file.write_text(f"Freeze the convolutional layers\n\n{remarks}", encoding="utf-8")
    assert command.run([str(file)], strict=True) == 0
    file.write_text(f"{HUNGARIAN[0]}\n\n{remarks}", encoding="utf-8")
    capsys.readouterr()
    assert command.run([str(file)], strict=True) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("commit message: warning: another language in a commit: ")
    assert printed.count("warning") == 1


def test_folders_of_tools_are_not_entered(repository: Path) -> None:
    hidden = repository / ".venv" / "lib"
    hidden.mkdir(parents=True)
    (hidden / "a.py").write_text("".join(f"# {line}\n" for line in HUNGARIAN), encoding="utf-8")
    assert command.run([str(repository)]) == 0


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="neither a file nor a folder"):
        command.run([str(tmp_path / "nowhere")])


def test_lines_of_json() -> None:
    asked = [
        {"id": 7, "text": "a képek betöltése", "kind": "comment"},
        {"id": "b", "text": "load the images", "kind": "markdown"},
        {"id": 9, "text": "kepBetoltes", "kind": "identifier"},
    ]
    target = io.StringIO()
    assert command.score_lines((json.dumps(row) + "\n" for row in asked), target) == 0
    answers = {row["id"]: row for row in map(json.loads, target.getvalue().splitlines())}
    assert {name: (row["foreign"], row["lang"]) for name, row in answers.items()} == {
        7: (True, "hu"),
        "b": (False, None),
        9: (True, "hu"),
    }
    assert all(0 <= row["score"] <= 1 for row in answers.values())


@pytest.mark.parametrize("line", ["hello world", "[1]", '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": 2}'])
def test_a_line_of_another_form_is_named(line: str) -> None:
    with pytest.raises(GraderError, match="^line 3 is not {"):
        command.score_lines(['{"id": 1, "text": "a line"}\n', "\n", line], io.StringIO())


def test_a_line_is_scored_with_the_standard_library_and_msgspec_alone() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        "from grader.reading import english; english.score('one line')\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(loaded - sys.stdlib_module_names))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(ended.stdout.split()) <= {"grader", "msgspec", "typing_extensions"}
