"""The split table beside Open Images' own tables: here in their form, with a few rows."""

import hashlib
from pathlib import Path

import pytest
from msgspec import to_builtins

from grader import assignment
from grader.checks.integrity import Integrity
from grader.ground.errors import NotMeasured
from grader.running import tables
from grader.running.tables import Listed
from grader.submission import Submission
from tests.conftest import CONTRACT, Make

DESCRIPTIONS = "/m/02vqfm,Coffee\n/m/0bt9lr,Dog\n/m/01yrx,Cat\n"
BOXES = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,"
    "IsInside\n"
)
TRAIN = [
    ("000a1249af2bc5f0", "/m/0bt9lr"),
    ("000a1249af2bc5f1", "/m/02vqfm"),
    ("000a1249af2bc5f1", "/m/01yrx"),
    ("000a1249af2bc5f2", "/m/01yrx"),
    ("00ffffffffffffff", "/m/0bt9lr"),
]
VERIFIED = """\
ImageID,Source,LabelName,Confidence
000a1249af2bc5f3,verification,/m/0bt9lr,1
000a1249af2bc5f3,verification,/m/02vqfm,0
000a1249af2bc5f4,verification,/m/0bt9lr,0
000a1249af2bc5f5,verification,/m/0bt9lr,1
000a1249af2bc5f5,verification,/m/02vqfm,1
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "class-descriptions-boxable.csv").write_text(DESCRIPTIONS)
    boxes = "".join(f"{image},xclick,{code},1,0.1,0.9,0.1,0.9,0,0,0,0,0\n" for image, code in TRAIN)
    (folder / "train-annotations-bbox.csv").write_text(BOXES + boxes)
    (folder / "validation-annotations-human-imagelabels-boxable.csv").write_text(VERIFIED)
    return folder


def listing(submit: Make, *rows: tuple[str, str], contract: str = CONTRACT) -> Submission:
    lines = "".join(f"{image},{label},train,{hashlib.sha256(b'').hexdigest()}\n" for image, label in rows)
    return submit(
        {
            "submission.toml": contract.replace('"folder"', '"openimages"'),
            "data/splits.csv": f"image_id,label,split,sha256\n{lines}",
        }
    )


def test_each_image_is_looked_up(submit: Make, published: Path) -> None:
    found = tables.look_up(
        listing(
            submit,
            ("000a1249af2bc5f0", "Dog"),  # right
            ("000a1249af2bc5f1", "Coffee"),  # right: the cat is none of the two classes
            ("000a1249af2bc5f2", "Dog"),  # a cat
            ("000a1249af2bc5f3", "Dog"),  # right: no coffee, somebody looked
            ("000a1249af2bc5f4", "Dog"),  # no dog, somebody looked
            ("000a1249af2bc5f5", "Dog"),  # a dog and a coffee
            ("0123456789abcdef", "Dog"),  # unknown
        ),
        published,
    )
    assert found == Listed(
        total=7,
        right=3,
        absent=2,
        mislabelled=1,
        ambiguous=1,
        absent_ids=("000a1249af2bc5f4", "0123456789abcdef"),
        examples=("000a1249af2bc5f4 (Dog)", "0123456789abcdef (Dog)", "000a1249af2bc5f2 (Dog)"),
    )


def test_what_is_told(submit: Make, published: Path) -> None:
    check = Integrity(open_images=str(published))
    for rows, level, words in (
        ([("000a1249af2bc5f0", "Dog")], "note", "Open Images lists 1 of 1 images under their labels"),
        (
            [("000a1249af2bc5f2", "Dog")],
            "warning",
            "Open Images lists 0 of 1 images under their labels;"
            " 0 are in no table, 1 have other labels there, such as 000a1249af2bc5f2 (Dog)",
        ),
    ):
        measured = check.collect(listing(submit, *rows))
        found = [
            each for each in check.judge(check.restore(to_builtins(measured))) if "Open Im" in each.message
        ]
        assert [(each.level, each.message) for each in found] == [(level, words)]


def test_what_cannot_be_looked_up(submit: Make, published: Path, tmp_path: Path) -> None:
    row = ("000a1249af2bc5f0", "Dog")
    with pytest.raises(NotMeasured, match="does not hold class-descriptions-boxable.csv"):
        tables.look_up(listing(submit, row), tmp_path)
    with pytest.raises(NotMeasured, match="Open Images has no class 'Cofee' with boxes"):
        tables.look_up(listing(submit, row, contract=CONTRACT.replace("Coffee", "Cofee")), published)


def test_course_toml_names_the_tables_once_for_all_assignments(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        'schema = 1\ntitle = "Course"\nzone = "Europe/Budapest"\nopen_images = "../openimages"\n'
    )
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "assignment.toml").write_text(
        'schema = 1\nid = "hw"\ntitle = "Homework"\npoints = 0\n[checks.integrity]\n'
    )
    (criterion,) = assignment.load(tmp_path / "hw" / "assignment.toml").criteria
    assert isinstance(criterion.check, Integrity)
    assert Path(criterion.check.open_images) == tmp_path.resolve() / "../openimages"
