"""The predict lane: real programs in the real sandbox, honest ones and those that know the files."""

import hashlib
import json

import msgspec
import pytest

from grader.checks.predict import Predict, PredictMeasured, Ran
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding
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
