"""Fresh photographs: drawn from tables in the form of Open Images, fetched from a real server on loopback."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.checks.integrity import Integrity
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Unmeasured
from grader.running import images, unlisted
from grader.running.holdout import Tally
from grader.submission import Submission
from tests.listening import Silent, listening
from tests.running.test_tables import BOXES
from tests.workers.conftest import CONTRACT, Homework, picture

CODES = {"dark": "/m/0d", "bright": "/m/0b"}


def name(number: int) -> str:
    return f"{number:016x}"


def label(number: int) -> str:
    return ("dark", "bright")[number % 2]


def boxes(*rows: tuple[str, str]) -> str:
    return BOXES + "".join(
        f"{image_id},xclick,{CODES[each]},1,0.1,0.9,0.1,0.9,0,0,0,0,0\n" for image_id, each in rows
    )


@pytest.fixture
def published(homework: Homework, tmp_path: Path) -> Path:
    """All listed test images stand in the table `validation`, and so do 20 others, two of them with both
    classes; those of `train` are never drawn.
    """
    listed = [(image_id, label(number)) for number, image_id in enumerate(homework.pictures)]
    fresh = [(name(number), label(number)) for number in range(100, 120)]
    both = [(name(100), "bright"), (name(101), "dark")]
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "class-descriptions-boxable.csv").write_text(
        "".join(f"{code},{each}\n" for each, code in CODES.items())
    )
    (folder / "validation-annotations-bbox.csv").write_text(boxes(*listed, *fresh, *both))
    (folder / "train-annotations-bbox.csv").write_text(boxes(*((name(n), label(n)) for n in range(200, 220))))
    return folder


@pytest.fixture
def site(tmp_path: Path, homework: Homework) -> Iterator[str]:
    """Has all of them but number 102; number 103 is a listed image under another id."""
    folder = tmp_path / "site" / "images" / "validation"
    folder.mkdir(parents=True)
    for number in (100, 101, *range(103, 120), *range(200, 220)):
        (folder / f"{name(number)}.jpg").write_bytes(picture(number))
    (folder / f"{name(103)}.jpg").write_bytes(next(iter(homework.pictures.values())))
    asked: Counter[str] = Counter()

    class Handler(Silent, SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            assert asked[self.path] == 1 or name(102) in self.path, "fetched once"
            super().do_GET()

    with listening(partial(Handler, directory=str(tmp_path / "site"))) as address:
        yield address


def from_open_images(homework: Homework, folder: Path, mirror: str) -> Submission:
    contract = CONTRACT.replace('source = "folder"', 'source = "openimages"').encode()
    submission = homework.submission(folder, submission_dot_toml=contract)
    given = folder / "given"
    given.mkdir()
    for image_id, content in homework.pictures.items():
        (given / image_id).write_bytes(content)
    submission.surroundings = replace(submission.surroundings, mirror=mirror, images=given)
    return submission


def test_only_unlisted_photographs_of_one_class_are_drawn(
    homework: Homework, published: Path, site: str, tmp_path: Path
) -> None:
    submission = from_open_images(homework, tmp_path, site)
    drawn = unlisted.photographs(submission, published, 50)
    assert {path.name: each for path, each in drawn.items()} == {
        name(number): label(number) for number in range(104, 120)
    }
    assert unlisted.photographs(submission, published, 50) == drawn, "kept, and the same again"


def test_a_part_is_drawn_by_a_secret(homework: Homework, published: Path, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(8)]
    drawn = []
    for folder in folders:
        folder.mkdir()
        submission = from_open_images(homework, folder, "")
        drawn.append(unlisted._draw(submission, published, 5))
        assert Counter(drawn[-1].values()) == {"dark": 5, "bright": 5}
        assert unlisted._draw(submission, published, 5) == drawn[-1]
    assert len({tuple(each) for each in drawn}) > 1, "9 choose 5, twice: not the same eight times"


@pytest.mark.usefixtures("workers_here")
def test_the_check_compares_with_them(
    homework: Homework, published: Path, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = from_open_images(homework, tmp_path, site)
    measured = Integrity(open_images=str(published), fresh=50).collect(submission)
    assert measured.fresh == Tally(16, 16)
    without = Integrity(open_images=str(published)).collect(submission)
    assert isinstance(without.fresh, Unmeasured)
    assert without.fresh.reason.startswith("there are none: give a folder")
    monkeypatch.setattr(images, "PAUSE", 0.001)
    (tmp_path / "other").mkdir()
    unreachable = from_open_images(homework, tmp_path / "other", "http://127.0.0.1:9")
    alone = Integrity(open_images=str(published), fresh=5).collect(unreachable).fresh
    assert isinstance(alone, Unmeasured) and "cannot be reached" in alone.reason


def test_tables_that_do_not_know_the_test_images(homework: Homework, published: Path, tmp_path: Path) -> None:
    (published / "validation-annotations-bbox.csv").write_text(boxes())
    with pytest.raises(NotMeasured, match="know none of the listed test images"):
        unlisted.photographs(from_open_images(homework, tmp_path, ""), published, 5)
