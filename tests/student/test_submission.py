"""submission.toml: what is read from it, and how its mistakes are told."""

import subprocess
import sys

import pytest
from finetune import submission
from finetune.parts.problem import Problem
from finetune.submission import Deadline

from tests.starter import STARTER


def test_the_starter_s_own_file_is_read():
    wanted = submission.read(STARTER / "submission.toml")
    assert wanted.student == "ABC123"
    assert wanted.classes == ("Coffee", "Dog")
    assert wanted.data.counts == {"train": 400, "val": 100, "test": 100}
    assert wanted.model.backbone == "resnet50"
    assert wanted.run.predict[:3] == ("python", "-m", "finetune.predict")
    assert (STARTER / wanted.documents.download).is_file()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "backbone =",
            "backbon =",
            'submission.toml: [model] backbon: there is no such key; did you mean "backbone"?',
        ),
        ("[results]", "[result]", 'submission.toml: result: there is no such key; did you mean "results"?'),
        (
            'student = "ABC123"',
            "student = 12",
            "submission.toml: student is 12; it should be a text in quotation marks",
        ),
        (
            '["Coffee", "Dog"]',
            '"Coffee"',
            "submission.toml: classes is 'Coffee'; it should be a list of texts",
        ),
        ('["Coffee", "Dog"]', '["Dog", "Dog"]', "it should name two or more different classes"),
        ('source = "openimages"', 'source = "openimage"', 'did you mean "openimages"?'),
        ('library = "torchvision"', 'library = "tensorflow"', "these programs do not know"),
        ("# head = [256]", "head = 256", "head is 256; it should be a list of whole numbers, such as [256]"),
        ("# head = [256]", "head = [0]", "the sizes of at most four hidden layers"),
        ("# dropout = 0.2", "dropout = 1", "dropout is 1; it should be from 0 to less than 1"),
        ('student = "ABC123"', 'student = "ABC12"', "a NEPTUN code has six letters and digits"),
        ('paths = ["logs/train.jsonl"]', "paths = []", "[log] paths is empty"),
        ('report = "report.pdf"', 'report = "../report.pdf"', "is no place inside of this folder"),
        ('"model.safetensors"', '"/tmp/model.safetensors"', "is no place inside of this folder"),
        ('at = ""', 'at = "10 November"', "[deadline]: at is '10 November'; write for example"),
        ('at = ""', 'at = "2020-11-10 23:59:30"', "[deadline]: at is '2020-11-10 23:59:30'"),
        *(
            ('zone = "Europe/Budapest"', f'zone = "{zone}"', f"[deadline]: there is no time zone {zone!r}")
            for zone in ("CEST", "Europe", "../UTC", "Europe/Budapest/", "")
        ),
        ('at = ""', 'at = "2020-11-10 23:59"\nzones = 1', "[deadline] zones: there is no such key"),
        ('backbone = "resnet50"', "backbone = 50", 'should be a text in quotation marks, such as "resnet50"'),
        (
            "# train = 400",
            "train = true",
            "submission.toml: [data] train is True; it should be a whole number",
        ),
        ("# train = 400", "train = 0", "should each be 1 or more"),
        ('assignment = "hw4"', "", "submission.toml: assignment is missing; add it"),
        ("schema = 1", "schema = 2", "these programs know schema 1"),
        ("schema = 1", "schema = ", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_told_by_file_and_key(old, new, told, tmp_path, monkeypatch):
    text = (STARTER / "submission.toml").read_text()
    assert old in text
    if old.startswith("zone"):  # which is read where there is a deadline
        text = text.replace('at = ""', 'at = "2020-11-10 23:59"')
    (tmp_path / "submission.toml").write_text(text.replace(old, new, 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem) as caught:
        submission.read()
    assert told in str(caught.value)


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "submission.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (STARTER / "submission.toml").read_bytes())
    assert submission.read(path) == submission.read(STARTER / "submission.toml")


def test_the_missing_file_is_named(tmp_path):
    with pytest.raises(Problem, match="submission.toml is not here"):
        submission.read(tmp_path / "submission.toml")


def test_the_seed_belongs_to_student_and_assignment(tmp_path):
    text = (STARTER / "submission.toml").read_text()
    seeds = set()
    for student, assignment in (("ABC123", "hw4"), ("ABC124", "hw4"), ("ABC123", "hw5")):
        path = tmp_path / "submission.toml"
        path.write_text(text.replace('"ABC123"', f'"{student}"').replace('"hw4"', f'"{assignment}"'))
        assert submission.read(path).seed == submission.read(path).seed
        seeds.add(submission.read(path).seed)
    assert len(seeds) == 3


def test_a_deadline_lasts_through_its_minute():
    moment = Deadline("2020-11-10 23:59", "Europe/Budapest").moment()
    assert moment.isoformat() == "2020-11-10T23:59:59+01:00"
    with pytest.raises(Problem, match="Europe/Budapest"):
        Deadline("2020-11-10 23:59", "Europe/Budapset").moment()
    with pytest.raises(Problem, match="2020-11-10 23:59"):
        Deadline("10.11.2020", "Europe/Budapest").moment()


def test_reading_the_file_loads_nothing_heavy():
    code = (
        "import sys, finetune.submission, finetune.submit;"
        "print({'torch', 'numpy', 'PIL', 'reportlab'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=STARTER, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
