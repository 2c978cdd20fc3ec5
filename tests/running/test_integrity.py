"""What an instructor is told: twins among images, fresh images, the log's story, and copies in a class."""

from pathlib import Path

import numpy
import pytest
from msgspec import to_builtins
from msgspec.structs import replace
from PIL import Image, ImageOps

from grader.checks import fingerprints
from grader.checks.fingerprints import Fingerprints
from grader.checks.integrity import Integrity, IntegrityMeasured, Twin, Twins
from grader.checks.same_training import LogClaims
from grader.ground import chance
from grader.ground.verdict import Unmeasured
from grader.running.holdout import Tally
from grader.workers import find_alike
from grader.workers.messages import FindAlike
from tests.workers.conftest import Homework, picture

NOTHING = IntegrityMeasured(
    fingerprints=Fingerprints(),
    test=Tally(190, 200),
    fresh=Tally(186, 200),
    validation=Tally(95, 100),
    claims=LogClaims(accuracies=(0.9, 0.95)),
)


def said(measured: IntegrityMeasured) -> list[tuple[str, str]]:
    return [(each.level, each.message) for each in Integrity().judge(measured)]


def test_an_honest_story_is_only_noted() -> None:
    story, gap = said(NOTHING)
    assert story == (
        "note",
        "on the validation images the submitted network gets 95/100 = 0.9500"
        " (95 % interval 0.888 to 0.978); the nearest in the log is 0.9500,"
        " at most 0.020 apart is expected",
    )
    assert gap[0] == "note" and "a gap of 0.020 (95 % interval -0.028 to 0.070, p = 0.53)" in gap[1]


def test_the_interval_of_a_gap_is_that_of_newcombes_paper() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, contrast (a), method 10
    assert chance.gap((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("measured", "level", "words"),
    [
        # scipy.stats.fisher_exact([[200, 0], [160, 40]]) gives 2.1e-13
        (replace(NOTHING, test=Tally(200, 200), fresh=Tally(160, 200)), "warning", "a gap of 0.200"),
        (replace(NOTHING, fresh=Tally(198, 200)), "note", "not decidable: from 0.97 on, the task is so easy"),
        (replace(NOTHING, fresh=Unmeasured("no pool")), "note",
         "not compared with fresh images: no pool"),
        (replace(NOTHING, validation=Tally(80, 100)), "warning", "the nearest in the log is 0.9000"),
        (replace(NOTHING, claims=LogClaims()), "note", "the logs state no validation accuracy"),
        (replace(NOTHING, twins=Twins((Twin("a (train)", "b (test)", 2, True),), 4)), "warning",
         "a (train) and b (test) look the same: 2 of 64 bits, mirrored (4 such pairs)"),
    ],
)  # fmt: skip
def test_what_is_told(measured: IntegrityMeasured, level: str, words: str) -> None:
    assert any(each == level and words in message for each, message in said(measured))


def photograph(seed: int) -> Image.Image:
    coarse = numpy.random.default_rng(seed).integers(0, 255, (7, 9, 3)).astype(numpy.uint8)
    return Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)


def test_copies_of_pictures_are_found_in_other_splits(tmp_path: Path) -> None:
    pictures = [photograph(seed) for seed in range(30)]
    pictures += [
        photograph(0).resize((160, 120)),
        ImageOps.mirror(photograph(1)),
        photograph(2),
        photograph(3),
    ]
    paths = []
    for number, each in enumerate(pictures):
        paths.append(str(tmp_path / f"{number}.jpg"))
        each.save(paths[-1], quality=60 if number == 32 else 92)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    groups = (*[0] * 30, 2, 2, 2, 0, 2)  # the copy of picture 3 is in the same group
    found = find_alike.answer(FindAlike((*paths, str(tmp_path / "broken.jpg")), groups))
    assert {(pair.one, pair.other, pair.mirrored) for pair in found.pairs} == {
        (0, 30, False),
        (1, 31, True),
        (2, 32, False),
    }


@pytest.mark.usefixtures("workers_here")
def test_the_pool_and_the_validation_images_are_evaluated(homework: Homework, tmp_path: Path) -> None:
    pool = tmp_path / "pool"

    for number in range(100, 110):
        folder = pool / ("dark", "bright")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.png").write_bytes(picture(number))
    listed = next(iter(homework.pictures))
    (pool / "dark" / "listed.png").write_bytes(homework.pictures[listed])
    submission = homework.submission(tmp_path)
    submission.surroundings = replace(submission.surroundings, pool=pool)
    measured = Integrity().collect(submission)
    assert (measured.fresh.right, measured.fresh.total) == (10, 10)
    assert measured.validation == Unmeasured("no validation image is listed")
    assert isinstance(measured.twins, Twins) and measured.twins.absent == 0
    assert Integrity.restore(to_builtins(measured)) == measured


@pytest.mark.usefixtures("workers_here")
def test_a_log_in_another_encoding_is_read_like_any_other(homework: Homework, tmp_path: Path) -> None:
    """Windows writes such files; a log that is no text at all is left out. Neither breaks the check."""
    line = '{"event": "epoch", "train_loss": 0.123456, "val_accuracy": 0.987654, "note": "é"}\n'
    prints = {}
    for number, content in enumerate(
        (line.encode(), line.encode("latin-1"), line.encode("utf-16"), b"\0\1" * 99)
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        submission = homework.submission(folder, **{"logs__train_dot_jsonl": content})
        prints[number] = fingerprints.of(submission).logs
    assert prints[0] == prints[1] == prints[2] != ""
    assert prints[3] == ""
