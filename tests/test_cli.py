"""The command as a person or a script meets it: real repositories, exit statuses, what is printed where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.building import commit, git

RUBRIC = """\
schema = 1
id = "small"
title = "Small homework"
points = 20

[checks.deadline]
at = "2020-11-10 23:59"
zone = "Europe/Budapest"

[checks.required_files]
points = 5
paths = ["README.md"]

[checks.splits]
points = 15
train = 1
val = 1
test = 1
"""
CONTRACT = """\
schema = 1
assignment = "small"
student = "ABC123"
classes = ["Coffee", "Dog"]
[model]
library = "torchvision"
backbone = "resnet18"
weights = "IMAGENET1K_V1"
"""
SPLITS = """\
image_id,label,split
a,Coffee,train
b,Coffee,val
c,Coffee,test
d,Dog,train
e,Dog,val
f,Dog,test
"""
RIGHT = {"README.md": "# Coffee or dog\n", "submission.toml": CONTRACT, "data/splits.csv": SPLITS}
LATE = "2020-11-11T00:00:00+0100"


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """A repository that gets full points in the small assignment."""
    return commit(tmp_path / "homework", RIGHT)


def unwrapped(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def grader(tmp_path: Path) -> "Grader":
    (tmp_path / "small.toml").write_text(RUBRIC)
    return Grader(tmp_path)


class Grader:
    """Runs the real command in a folder that holds the small assignment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def check(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return self("check", *arguments, "--assignment", "small.toml", "--evidence", "evidence.json")


def test_a_right_submission_passes_with_full_points(grader: Grader, homework: Path) -> None:
    run = grader.check(homework)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("Small homework · ABC123\nPASSED  20/20 points\n")
    assert "\x1b" not in run.stdout  # a pipe gets no colour


def test_judging_the_evidence_prints_byte_for_byte_the_same(grader: Grader, homework: Path) -> None:
    checked = grader.check(homework, "--deadline", "2020-11-12 12:00")
    judged = grader("judge", "evidence.json")
    assert (judged.stdout, judged.returncode) == (checked.stdout, checked.returncode)


def test_the_last_commit_before_the_deadline_is_graded(grader: Grader, homework: Path) -> None:
    commit(homework, {"data/splits.csv": "image_id,label,split\n"}, when=LATE)
    run = grader.check(homework)
    assert run.returncode == 0, run.stdout
    assert "The deadline is 2020-11-10 23:59:59 CET (22:59:59 UTC)." in unwrapped(run.stdout)
    assert "1 later commit is not graded" in unwrapped(run.stdout)


def test_nothing_before_the_deadline_earns_nothing_and_the_other_checks_inform(
    grader: Grader, tmp_path: Path
) -> None:
    folder = commit(tmp_path / "late", RIGHT, when=LATE)
    run = grader.check(folder, "--json", "verdict.json", "--gradescope", "scope.json", "--html", "page.html")
    assert run.returncode == 1
    assert "FAILED  0/20 points" in run.stdout and "it does not count" in run.stdout
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["points"] == {"min": 0, "max": 0, "of": 20}
    assert (verdict["commit"], verdict["counts"]) == (None, "no")
    assert verdict["looked_at"]["status"] == "NOTHING_BEFORE_DEADLINE"
    assert json.loads((tmp_path / "scope.json").read_text())["score"] == 0
    assert "0/20 points" in (tmp_path / "page.html").read_text()
    outcomes = {each["check"]: each["outcome"] for each in verdict["results"]}
    assert outcomes == {"deadline": "failed", "required_files": "passed", "splits": "passed"}


def test_an_extension_that_picks_another_commit_says_collect_again(grader: Grader, homework: Path) -> None:
    commit(homework, {"README.md": "# Better\n"}, when=LATE)
    assert grader.check(homework).returncode == 0
    run = grader("judge", "evidence.json", "--deadline", "2020-11-11 12:00")
    assert run.returncode == 4
    assert "collect again with this deadline" in run.stdout
    assert "INCONCLUSIVE  0-20/20 points" in run.stdout, "the points are those of another commit"


def test_json_on_standard_output_is_all_that_is_there(grader: Grader, homework: Path) -> None:
    verdict = json.loads(grader.check(homework, "--json", "-").stdout)
    assert verdict["schema"] == 2
    assert verdict["outcome"] == "passed"
    assert verdict["points"] == {"min": 20, "max": 20, "of": 20}
    assert verdict["commit"]["committed"] == "2020-11-10T23:59:59+01:00"
    assert verdict["results"][2]["measured"]["counts"]["Dog"] == {"train": 1, "val": 1, "test": 1}


@pytest.mark.parametrize(
    ("files", "status", "text"),
    [
        ({"data/splits.csv": SPLITS.replace("f,Dog,test\n", "")}, 1, "Dog: 0 test images, expected 1"),
        ({"data/splits.csv": SPLITS.replace("f,", "../f,")}, 1, "data/splits.csv:7: image_id is '../f'"),
        ({"data/splits.csv": "a,b\n1,2\n"}, 1, "the columns are a,b, expected image_id,label,split"),
        ({"submission.toml": CONTRACT.replace("student", "studnet")}, 1, "studnet is not a known key"),
        ({"submission.toml": "]"}, 1, "submission.toml: not TOML"),
    ],
)
def test_broken_submissions_fail_with_the_place(
    grader: Grader, homework: Path, files: dict[str, str], status: int, text: str
) -> None:
    run = grader.check(commit(homework, files))
    assert (run.returncode, text in run.stdout) == (status, True), run.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "no-such-folder"], "no-such-folder"),
        (["check", "ext::sh -c date"], "it is an instruction to git, not an address"),
        (["check", "."], "could not be fetched"),
        (["check", "homework", "--assignment", "hw44"], "there is no assignment 'hw44'; did you mean hw4?"),
        (["check", "homework", "--deadline", "soon"], "the deadline 'soon' is not a time; write it as"),
        (["judge", "no.json"], "no.json: No such file or directory"),
        (["judge", "small.toml"], "small.toml is not evidence"),
        (["explain", "split"], "'split' is not a check; did you mean splits?"),
        (["spec", "lint", "homework"], "there is no assignment 'homework'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(
    grader: Grader, homework: Path, arguments: list[str], sentence: str
) -> None:
    assert homework.exists()
    run = grader(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    complaint = [line for line in run.stderr.splitlines() if line.startswith("grader:")]
    assert len(complaint) == 1 and sentence in complaint[0], run.stderr
    assert "Traceback" not in run.stderr


LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["english", LONG],
        ["quiz", "lint", LONG],
        ["judge", LONG],
        ["class", LONG, "--evidence-dir", "course"],
        ["course", "roster.csv", "--evidence-dir", LONG],
        ["decide", "ANN", "splits", "--points", "1", "--because", "x", "--evidence-dir", LONG],
        ["nbgrader", LONG, "--course", "COURSE"],
        ["check", "homework", "--pool", LONG],
        ["spec", "lint", LONG],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_name_too_long_for_a_file_is_told_in_a_sentence(grader: "Grader", arguments: list[str]) -> None:
    done = grader(*arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr and LONG in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_no_mistake_of_the_grader(unbuffered: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grader", "explain"], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "grader: No space left on device\n")


@pytest.mark.parametrize("option", ["--weights", "--pool", "--images", "--student-python"])
@pytest.mark.parametrize("place", ["gone", "small.toml"])
def test_a_folder_that_is_not_there_is_wrong_usage(grader: "Grader", option: str, place: str) -> None:
    for command in (["check", "homework"], ["class", "roster.csv", "--evidence-dir", "course"]):
        done = grader(*command, option, place)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.splitlines()[-1].endswith(f"error: argument {option}: {place!r} is no folder")


@pytest.mark.parametrize(
    ("roster", "sentence"),
    [
        ("", "roster.csv: the roster is empty"),
        ("student,url\n", "roster.csv: the roster names nobody"),
        ("student;name\nABC123;Ada\n", "there is no column url"),
        ("student,url\nABC123,homework\n", "course/small"),
    ],
)
def test_a_class_with_a_wrong_file_is_one_sentence_and_status_2(
    grader: Grader, homework: Path, roster: str, sentence: str
) -> None:
    """The last roster is right: there is a file where the folder of the evidence should be."""
    assert homework.exists()
    (grader.folder / "roster.csv").write_text(roster)
    (grader.folder / "course").mkdir()
    (grader.folder / "course" / "small").write_text("a file\n")
    run = grader("class", "roster.csv", "--assignment", "small.toml", "--evidence-dir", "course", "--static")
    complaint = [line for line in run.stderr.splitlines() if line.startswith("grader:")]
    assert (run.returncode, run.stdout, len(complaint)) == (2, "", 1), run.stderr
    assert sentence in complaint[0] and "Traceback" not in run.stderr


BROKEN = """
import grader.repository
def fetch(*_, **__):
    raise ZeroDivisionError("as nothing should")
grader.repository.fetch = fetch
"""


def test_what_breaks_before_any_check_is_kept_and_costs_nobody_anything(
    grader: Grader, homework: Path
) -> None:
    (grader.folder / "sitecustomize.py").write_text(BROKEN)
    path = f"{grader.folder}:{Path(__file__).parents[1]}"
    run = grader("check", homework, "--assignment", "small.toml", "--evidence", "e.json", PYTHONPATH=path)
    assert run.returncode == 3, run.stderr
    assert "0-20/20 points  (provisional: the grader broke" in run.stdout
    kept = json.loads((grader.folder / "e.json").read_text())["measurements"]["splits"]
    assert kept["type"] == "crashed" and "in fetch" in kept["trace"]
    again = grader("judge", "e.json")
    assert (again.returncode, again.stdout) == (3, run.stdout)


def test_what_breaks_anywhere_else_is_not_the_status_of_a_failed_check(grader: Grader) -> None:
    broken = BROKEN.replace("repository.fetch", "ground.evidence_file.load").replace(
        "import grader.repository", "import grader.ground.evidence_file"
    )
    (grader.folder / "sitecustomize.py").write_text(broken)
    run = grader("judge", "e.json", PYTHONPATH=f"{grader.folder}:{Path(__file__).parents[1]}")
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.endswith("grader: this is a mistake of the grader's own; nobody loses points\n")


def test_an_empty_repository_has_no_commit(grader: Grader, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    run = grader.check(folder)
    assert run.returncode == 1
    assert "The repository is empty: nothing was pushed yet" in unwrapped(run.stdout)


def test_control_characters_never_reach_the_terminal(grader: Grader, homework: Path) -> None:
    evil = CONTRACT.replace("Dog", "D\\u001b[31mg\\u202e").replace("ABC123", "AB\\u0007C")
    run = grader.check(commit(homework, {"submission.toml": evil}))
    assert run.returncode == 1
    assert not set(run.stdout) & set("\x1b\x07\u202e")
    assert "\\x1b[31m" in run.stdout


def test_exit_zero_is_for_platforms_that_want_it(grader: Grader, homework: Path) -> None:
    commit(homework, {"data/splits.csv": "x\n"})
    assert grader.check(homework, "--exit-zero").returncode == 0


def test_of_several_verdicts_the_worst_is_the_status(grader: Grader, homework: Path) -> None:
    """Failed, which is certain, comes before what stayed open, whatever their numbers are."""
    grader.check(homework)
    evidence = grader.folder / "evidence.json"
    lacking = json.loads(evidence.read_text())
    del lacking["measurements"]["splits"]
    (grader.folder / "open.json").write_text(json.dumps(lacking))
    commit(homework, {"data/splits.csv": "x\n"})
    grader.check(homework)
    assert grader("judge", "open.json").returncode == 4
    assert grader("judge", "evidence.json").returncode == 1
    assert grader("judge", "open.json", "evidence.json").returncode == 1


def test_explain_and_lint_help(grader: Grader) -> None:
    assert "train = 400" in grader("explain", "splits").stdout
    assert "required_files" in grader("explain").stdout
    assert grader("spec", "lint", "small.toml").stdout == "small.toml: Small homework: 3 checks, 20 points\n"


def test_what_cannot_be_compared_is_not_counted_as_compared(grader: Grader, homework: Path) -> None:
    grader.check(homework)
    run = grader("compare", "evidence.json", "evidence.json")
    assert (run.returncode, run.stdout.split(";")[0]) == (0, "0 resemblances among 0 submissions")
    assert run.stderr.startswith("2 not compared: ")


def test_evidence_of_another_schema_is_told_by_its_number(grader: Grader, homework: Path) -> None:
    grader.check(homework)
    evidence = json.loads((grader.folder / "evidence.json").read_text())
    for old in (evidence | {"schema": 1}, {"schema": 1, "other": "form"}):
        (grader.folder / "old.json").write_text(json.dumps(old))
        run = grader("judge", "old.json")
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr == "grader: old.json: evidence of schema 1, this grader reads 2; collect it again\n"


def test_a_wrong_repository_leaves_old_evidence_alone(grader: Grader, homework: Path) -> None:
    grader.check(homework)
    before = (grader.folder / "evidence.json").read_bytes()
    assert grader.check("no-such-folder").returncode == 2
    assert (grader.folder / "evidence.json").read_bytes() == before
