"""The predict lane: real programs in the real sandbox, honest ones and those that know the files."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from grader.checks.predict import Predict, PredictMeasured, Ran
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding
from grader.running import program
from grader.submission import Submission
from tests.running.conftest import PREDICT, Give, edited
from tests.workers.conftest import CONTRACT, Homework


def findings(submission: Submission) -> list[Finding]:
    check = Predict()
    return list(check.judge(check.restore(msgspec.to_builtins(check.collect(submission)))))


def errors(submission: Submission) -> list[Finding]:
    return [each for each in findings(submission) if each.level == "error"]


def test_an_honest_program_passes(give: Give) -> None:
    found = findings(give())
    assert [each.level for each in found] == ["note"] * 3
    assert found[0].message.startswith("accuracy of the submission's program: 24/24 = 1.0000")
    assert found[1].message == "0 of 24 predictions differ; at most 0 may, each with a logit margin up to 0.1"
    assert found[2].message.startswith("moved by one pixel, 24 of 24 images keep their prediction")


def test_a_table_of_known_files_is_found(give: Give, homework: Homework) -> None:
    listed = {
        hashlib.sha256(content).hexdigest(): ("dark", "bright")[number % 2]
        for number, content in enumerate(homework.pictures.values())
    }
    (found,) = errors(give(**{"listed.json": json.dumps(listed)}))
    assert "12 of 24 images keep their prediction; 12 right ones are lost, 0 won" in found.message


def test_edited_predictions_are_found(give: Give, homework: Homework) -> None:
    def swap(rows: list[list[str]]) -> None:
        rows[3][2] = "bright" if rows[3][2] == "dark" else "dark"

    (found,) = errors(give(**{"predictions.csv": edited(homework.files["predictions.csv"], swap)}))
    assert found.where == "predictions.csv:4"
    assert "1 of 24 predictions are not what the submission's program says" in found.message


def test_no_label_and_no_other_name_is_in_sight(give: Give) -> None:
    spying = (
        PREDICT
        + """
import os
seen = [str(path) for top in ("/code", "/given") for path in pathlib.Path(top).rglob("*")]
assert not any("splits" in path or "predictions" in path or "picture-" in path for path in seen), seen
assert not any(path.endswith("results.json") for path in seen), seen
try:
    import grader
except ImportError:
    pass
else:
    raise SystemExit(grader.__file__)
"""
    )
    assert errors(give(**{"predict.py": spying})) == []


ORDERS = {
    "modified": "lambda path: path.stat().st_mtime_ns",
    "changed": "lambda path: path.stat().st_ctime_ns",
    "inode": "lambda path: path.stat().st_ino",
    "folder": "lambda path: listed.index(path)",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_no_order_in_which_files_lie_tells_the_class(give: Give, order: str) -> None:
    """In splits.csv dark and bright images take turns: a program that looks at no pixel counts files."""
    blind = f"""
import pathlib, sys
listed = list(pathlib.Path(sys.argv[1]).iterdir())
paths = sorted(listed, key={order})
with open(sys.argv[2], "w") as file:
    file.write("image_id,predicted,score\\n")
    for half in (paths[:len(paths) // 2], paths[len(paths) // 2:]):
        for number, path in enumerate(half):
            file.write(f"{{path.stem}},{{('dark', 'bright')[number % 2]}},0.999\\n")
"""
    found = errors(give(**{"predict.py": blind}))
    assert found, "24 images told right by their order alone"


def test_files_are_laid_out_in_no_order(tmp_path: Path) -> None:
    """Of 200 images, the first 100 of one class: no order of the folder has them in front, or behind."""
    given = {f"{number:016x}": tmp_path / "given" / str(number) for number in range(200)}
    (tmp_path / "given").mkdir()
    for number, path in enumerate(given.values()):
        path.write_bytes(b"BM" + bytes([number]))
    (tmp_path / "shown").mkdir()
    program.lay_out(given, tmp_path / "shown")
    paths = list((tmp_path / "shown").iterdir())
    assert {path.name: path.read_bytes()[2] for path in paths} == {
        f"{number:016x}.bmp": number for number in range(200)
    }
    assert len({path.stat().st_mtime_ns for path in (*paths, tmp_path / "shown")}) == 1
    for key in (lambda path: path.stat().st_ctime_ns, lambda path: path.stat().st_ino, paths.index):
        front = sum(int(path.stem, 16) < 100 for path in sorted(paths, key=key)[:100])
        assert 20 < front < 80  # 50 by chance, with a standard deviation of 3.5


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise SystemExit('lost')", r"the program \[run\] predict ended with status 1: lost"),
        ("print(1)", "ended well and wrote no {out}"),
        (PREDICT.replace("0.999", "'nan'"), "has the score 'nan', expected a probability"),
        (PREDICT.replace('else "dark"', 'else "cat"'),
         "names the class 'cat', expected one of dark, bright"),
        (PREDICT.replace(".iterdir())", ".iterdir())[1:]"), "leaves images out"),
    ],
)  # fmt: skip
def test_what_is_the_students_trouble(give: Give, source: str, message: str) -> None:
    with pytest.raises(SubmissionError, match=message):
        Predict().collect(give(**{"predict.py": source}))


def test_what_is_nobodys_trouble(give: Give) -> None:
    with pytest.raises(NotMeasured, match="names no command"):
        Predict().collect(give(**{"submission.toml": CONTRACT}))
    with pytest.raises(NotMeasured, match="needs the package no_such_package"):
        Predict().collect(give(**{"predict.py": "import no_such_package"}))


def ran(kept: int, lost: int, won: int) -> PredictMeasured:
    """Images that keep their prediction when moved, right ones that become wrong, and the other way round."""
    images = [Ran(f"k{n}", "a", "a", n + 2, "a", 0.9, "a") for n in range(kept)]
    images += [Ran(f"l{n}", "a", "a", n + 2, "a", 0.9, "b") for n in range(lost)]
    images += [Ran(f"w{n}", "a", "b", n + 2, "b", 0.9, "a") for n in range(won)]
    return PredictMeasured("predictions.csv", tuple(images))


# scipy.stats.binomtest(11, 11, 0.5, "greater") gives 0.00049, of 10 in 10 it gives 0.00098, of 9 in 9 0.00195
@pytest.mark.parametrize(
    ("measured", "level"),
    [(ran(200, 0, 0), "note"), (ran(185, 15, 0), "note"), (ran(91, 9, 0), "note"), (ran(80, 9, 0), "note"),
     (ran(150, 25, 25), "note"), (ran(80, 11, 0), "error"), (ran(100, 100, 0), "error")],
)  # fmt: skip
def test_moved_images_lose_little(measured: PredictMeasured, level: str) -> None:
    assert [each.level for each in Predict().judge(measured)][-1] == level
