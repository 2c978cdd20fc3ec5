"""`make data` with the sources that need no network."""

import csv
import hashlib
import io
import time
from collections import Counter

import numpy
import pytest
from finetune import data, submission
from finetune.parts import files
from finetune.parts.problem import Problem
from finetune.sources.folder import Folder
from PIL import Image
from sklearn.datasets import load_digits

from tests.student import programs


def rows():
    with open("data/splits.csv", newline="") as file:
        return list(csv.DictReader(file))


def photograph(seed, size=(40, 30)):
    """Something that looks like itself at any size, and like nothing else."""
    cells = numpy.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=numpy.uint8)
    file = io.BytesIO()
    Image.fromarray(cells).resize(size).save(file, "JPEG")
    return file.getvalue()


def test_digits_fill_the_splits(project):
    data.main()
    counts = Counter((row["label"], row["split"]) for row in rows())
    assert counts == {
        (label, split): count
        for label in ("even", "odd")
        for split, count in (("train", 12), ("val", 4), ("test", 6))
    }
    assert len({row["image_id"] for row in rows()}) == len({row["sha256"] for row in rows()}) == 44
    targets = load_digits().target
    for row in rows():
        assert ("even", "odd")[targets[int(row["image_id"][6:])] % 2] == row["label"]
        content = (project / "data/images" / f"{row['image_id']}.bmp").read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert len(files.images()) == 44


@pytest.mark.usefixtures("project")
def test_a_digit_s_file_can_be_made_again_by_anybody():
    """Byte for byte, from the definition of the BMP format and nothing of ours."""
    data.main()
    row = rows()[0]
    digit = load_digits().images[int(row["image_id"][6:])]
    pixels = b"".join(
        bytes(min(255, int(value) * 16) for value in line for _ in range(8)) * 8
        for line in reversed(digit.tolist())
    )
    header = (
        b"BM"
        + (14 + 40 + 1024 + 4096).to_bytes(4, "little")
        + bytes(4)
        + (14 + 40 + 1024).to_bytes(4, "little")
    )
    info = b"".join(n.to_bytes(4, "little") for n in (40, 64, 64)) + b"\x01\x00\x08\x00"
    info += b"".join(n.to_bytes(4, "little") for n in (0, 4096, 3780, 3780, 256, 256))
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256))
    assert hashlib.sha256(header + info + palette + pixels).hexdigest() == row["sha256"]


def test_the_choice_depends_on_the_student(project, edit):
    data.main()
    first = rows()
    edit(project / "submission.toml", student='"XYZ987"')
    data.main()
    assert {row["image_id"] for row in rows()} != {row["image_id"] for row in first}
    assert set(files.images()) == {row["image_id"] for row in rows()}  # the first student's images are gone
    edit(project / "submission.toml", student='"ABC123"')
    data.main()
    assert rows() == first


def test_a_second_run_changes_nothing_and_a_spoilt_image_is_mended(project, capsys):
    data.main()
    before = (project / "data/splits.csv").read_bytes()
    data.main()
    assert "complete already" in capsys.readouterr().out
    path = next(iter(files.images().values()))
    content = path.read_bytes()
    path.write_bytes(content[:100])
    data.main()
    assert path.read_bytes() == content
    assert (project / "data/splits.csv").read_bytes() == before


def test_a_fresh_clone_gets_the_same_images(project):
    data.main()
    before = (project / "data/splits.csv").read_bytes()
    for path in (*files.images().values(), data.STAMP):
        path.unlink()
    data.main()
    assert (project / "data/splits.csv").read_bytes() == before
    assert len(files.images()) == 44


def test_a_killed_run_is_completed(project, edit, environment):
    edit(project / "submission.toml", train="400", val="100", test="100")
    process = programs.started(project, environment, "data")
    while len(files.images()) < 50:
        assert process.is_alive()
        time.sleep(0.005)
    process.kill()
    process.join()
    assert not (project / "data/splits.csv").exists()
    data.main()
    assert len(rows()) == len(files.images()) == 1200


def test_a_folder_of_photographs(project, edit, capsys):
    """Broken, empty, foreign and repeated files are passed over; others take their place, from subfolders."""
    for number, label in enumerate(("even", "odd")):
        folder = project / "photos" / label
        folder.mkdir(parents=True)
        (folder / "in the park").mkdir()
        for index in range(5):
            name = ("photo.JPG", "b.jfif", "c.jpeg", "in the park/photo.JPG", "in the park/k\u00e9p.jpg")[
                index
            ]
            (folder / name).write_bytes(photograph(10 * number + index))
        (folder / "phone.heic").write_bytes(b"photograph")
        (folder / "copy.jpg").write_bytes(photograph(10 * number + 1))
        (folder / "small.jpg").write_bytes(photograph(10 * number + 1, (32, 24)))
        (folder / "both.jpg").write_bytes(photograph(100))
        (folder / "empty.png").write_bytes(b"")
        (folder / "cut.jpg").write_bytes(photograph(101, (400, 300))[:700])
        (folder / "notes.txt").write_text("no photograph")
    edit(project / "submission.toml", source='"folder"', folder='"photos"', train="3", val="1", test="1")
    data.main()
    assert len(rows()) == 10
    assert len({row["sha256"] for row in rows()}) == 10
    for row in rows():
        content = files.images()[row["image_id"]].read_bytes()
        assert row["sha256"].startswith(row["image_id"])
        Image.open(io.BytesIO(content)).load()
    told = capsys.readouterr().out
    assert "odd: 1 files with the ending .heic are left out; export them as JPEG first" in told
    assert "odd: 1 files with the ending .txt are left out\n" in told


def test_a_class_with_an_accent_is_found_however_it_is_written(tmp_path):
    """As macOS writes names of files: a letter, then its accent."""
    (tmp_path / "Ka\u0301ve\u0301").mkdir()
    (tmp_path / "Ka\u0301ve\u0301/one.jpg").write_bytes(photograph(1))
    assert len(Folder(tmp_path).ids("K\u00e1v\u00e9")) == 1


def test_too_few_images_are_told(project, edit):
    folder = project / "photos/even"
    folder.mkdir(parents=True)
    (folder / "one.jpg").write_bytes(photograph(102))
    edit(project / "submission.toml", source='"folder"', folder='"photos"')
    with pytest.raises(Problem, match="even: the source has 1 usable images, 22 are needed"):
        data.main()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"classes": '["even", "prime"]'}, 'has the classes "even" and "odd", not "prime"'),
        ({"source": '"folder"'}, "it should name a folder with your photographs"),
        ({"source": '"folder"', "folder": '"finetune"'}, 'put the photographs of the class "even" there'),
    ],
)
def test_wrong_sources_are_told(project, edit, values, told):
    edit(project / "submission.toml", **values)
    with pytest.raises(Problem, match=told):
        data.main()
    assert not (project / submission.read().data.splits).exists()


def test_who_left_the_starter_s_code_hears_of_it(project, capsys, edit):
    data.main()
    assert "student is ABC123; if that is not you, stop" in capsys.readouterr().out
    edit(project / "submission.toml", student='"XYZ789"')
    data.main()
    assert "ABC123" not in capsys.readouterr().out
