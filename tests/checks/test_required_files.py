"""The check `required_files`."""

from grader.checks.required_files import RequiredFiles
from tests.conftest import CONTRACT, Make

FILES = {"submission.toml": CONTRACT, "report.pdf": b"%PDF", "logs/train.jsonl": "{}"}


def test_declared_paths_are_followed(submit: Make) -> None:
    check = RequiredFiles(
        paths=("README.md",), declared=("documents.report", "log.paths", "documents.download")
    )
    program = "finetune/sources/download.py"  # what a contract that names none means
    measured = check.collect(submit({**FILES, "README.md": "Hello", program: "get()"}))
    assert measured.present == {"README.md": 5, "report.pdf": 4, "logs/train.jsonl": 2, program: 5}
    assert list(check.judge(measured)) == []


def test_a_download_program_that_is_not_named_is_looked_for_where_the_starter_has_it(submit: Make) -> None:
    check = RequiredFiles(declared=("documents.download",))
    [finding] = check.judge(check.collect(submit(FILES)))
    assert finding.where == "finetune/sources/download.py"


def test_what_is_missing_or_empty_is_named(submit: Make) -> None:
    check = RequiredFiles(paths=("README.md", "report.pdf"), declared=("model.checkpoint",))
    findings = list(check.judge(check.collect(submit({**FILES, "report.pdf": b""}))))
    assert [(each.message, each.where) for each in findings] == [
        ("README.md is not in the commit", "README.md"),
        ("model.safetensors is not in the commit", "model.safetensors"),
        ("report.pdf is empty", "report.pdf"),
    ]
