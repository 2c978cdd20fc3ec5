"""The source `openimages`, against a real server on this computer that has the faults of a real network."""

import csv
import io
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy
import pytest
from finetune import data
from finetune.parts import credits, files
from finetune.parts.problem import Problem
from finetune.sources import asking_again, lookalikes, photograph_server
from PIL import Image, ImageOps

from tests.student import programs
from tests.student.server import Fault, serving

SHARED = Path(__file__).parents[3] / "shared/openimages-mirror"
HEADER = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
    "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
)
CODES = {"Coffee": "/m/02vqfm", "Dog": "/m/0bt9lr", "Cat": "/m/01yrx"}
SECTIONS = ("train", "train", "validation", "test")
PHOTOGRAPHS = (
    "ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,"
    "OriginalSize,OriginalMD5,Thumbnail300KURL,Rotation"
)
NAMES = ("train-images-boxable-with-rotation", "validation-images-with-rotation", "test-images-with-rotation")
SPLITS = (("train", 10), ("val", 4), ("test", 4))


def blurred(seed, size=(64, 48)):
    """Something that looks like itself at any size, and like nothing else."""
    cells = numpy.random.default_rng(seed).integers(0, 256, (8, 10, 3), dtype=numpy.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)


def jpeg(image, quality=90):
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality)
    return content.getvalue()


@pytest.fixture
def mirror(tmp_path):
    """24 photographs each of coffee and dogs, in three sections, as Open Images publishes them."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    descriptions = "".join(f"{code},{name}\n" for name, code in CODES.items())
    (folder / "class-descriptions-boxable.csv").write_text(descriptions)
    boxes = {section: [HEADER] for section in SECTIONS}
    about = {section: [PHOTOGRAPHS] for section in SECTIONS}
    for index in range(48):
        section = SECTIONS[index % 4]
        label = ("Coffee", "Dog")[index // 24]
        # Ids of digits only, with zeros in front, are where a table read as numbers goes wrong.
        image_id = f"{index * 7919:016d}" if index % 3 else f"{index * 7919:015d}a"
        boxes[section].append(f"{image_id},xclick,{CODES[label]},1,0.1,0.9,0.1,0.9,0,0,0,0,0")
        page = f"https://example.org/photos/{index}"
        about[section].append(
            f"{image_id},{section},{page}.jpg,{page},https://creativecommons.org/licenses/by/2.0/,"
            f"https://example.org/people/{index},Author {index},Title {index},1,x,,0.0"
        )
        path = folder / "images" / section / f"{image_id}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(blurred(index)))
    # A dog with a coffee, and coffee at the edge of a picture.
    boxes["test"].append(f"{'d' * 16},xclick,{CODES['Dog']},1,0,1,0,1,0,0,0,0,0")
    boxes["test"].append(f"{'d' * 16},xclick,{CODES['Coffee']},1,0,1,0,1,0,0,0,0,0")
    boxes["test"].append(f"{'e' * 16},xclick,{CODES['Coffee']},1,0,1,0,1,0,1,0,0,0")
    for section, lines in boxes.items():
        (folder / f"{section}-annotations-bbox.csv").write_text("\n".join(lines) + "\n")
    for name, lines in zip(NAMES, about.values(), strict=True):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(autouse=True)
def served(mirror, project, edit, monkeypatch):
    """(what the server of the mirror notes, its address); submission.toml asks for its coffees and dogs."""
    monkeypatch.setattr(asking_again, "FIRST", 0.01)
    with serving(mirror) as (address, log):
        wish(edit, project, address)
        yield log, address


def wish(edit, project, address, **values):
    values = {"classes": '["Coffee", "Dog"]', "train": "10", "val": "4", "test": "4"} | values
    edit(project / "submission.toml", source='"openimages"', mirror=f'"{address}"', **values)


def labels_of(folder):
    """image_id -> labels, straight from the mirror's tables."""
    names = {code: name for name, code in CODES.items()}
    found = {}
    for table in folder.glob("*-annotations-bbox.csv"):
        for row in csv.DictReader(table.read_text().splitlines()):
            found.setdefault(row["ImageID"], set()).add(names.get(row["LabelName"]))
    return found


def rows(project):
    with open(project / "data/splits.csv", newline="") as file:
        return list(csv.DictReader(file))


def ids_of(mirror, label):
    """The photographs of a class, as files, in the order in which `make data` would like to take them."""
    source = data.open_source(data.submission.read())
    ids = source.ids(label)
    data.random.Random(f"{data.submission.read().seed} {label}").shuffle(ids)
    return [next(mirror.glob(f"images/*/{image_id}.jpg")) for image_id in ids]


def is_complete(project, mirror):
    counts = Counter((row["label"], row["split"]) for row in rows(project))
    assert counts == {(label, split): number for label in ("Coffee", "Dog") for split, number in SPLITS}
    for row in rows(project):
        assert labels_of(mirror)[row["image_id"]] == {row["label"]}
        original = next(mirror.glob(f"images/*/{row['image_id']}.jpg"))
        assert files.images()[row["image_id"]].read_bytes() == original.read_bytes()
    assert not (project / "data/unfinished").exists()
    return True


def test_missing_empty_and_cut_off_images_are_replaced(project, mirror):
    for label in ("Coffee", "Dog"):
        first = ids_of(mirror, label)
        spoilt = first[:5]
        spoilt[0].unlink()
        spoilt[1].write_bytes(b"")
        spoilt[2].write_bytes(spoilt[2].read_bytes()[:400])
        spoilt[3].write_text("<html>not an image</html>")
        spoilt[4].unlink()
    data.main()
    assert is_complete(project, mirror)
    assert not {path.stem for path in spoilt} & {row["image_id"] for row in rows(project)}


def test_twins_are_replaced(project, mirror):
    """Stored anew, made smaller, or mirrored: who looks like one that was taken is not taken."""
    first = ids_of(mirror, "Coffee")
    dogs = ids_of(mirror, "Dog")
    original = blurred(1000, (640, 480))
    first[0].write_bytes(jpeg(original))
    twins = [first[3], first[4], dogs[2]]
    twins[0].write_bytes(jpeg(original, quality=40))
    twins[1].write_bytes(jpeg(original.resize((160, 120))))
    twins[2].write_bytes(jpeg(ImageOps.mirror(original)))
    data.main()
    assert is_complete(project, mirror)
    assert first[0].stem in files.images()
    assert not {path.stem for path in twins} & set(files.images())


def test_different_photographs_are_no_twins():
    prints = [lookalikes.fingerprints(blurred(seed)) for seed in range(100)]
    assert not any(lookalikes.twins(one, two) for index, one in enumerate(prints) for two in prints[:index])


def test_less_clear_photographs_only_where_needed():
    source = data.open_source(data.submission.read())
    assert "d" * 16 not in source.ids("Coffee") + source.ids("Dog")
    assert len(source.ids("Coffee")) == len(source.ids("Dog")) == 24  # 18 are wanted, and a fifth more
    source.wanted = 22
    assert "e" * 16 in source.ids("Coffee")


def test_trouble_on_the_way_changes_nothing(project, mirror, served):
    """Errors, late and broken answers: the same photographs are taken, each in the same place."""
    log, _ = served
    data.main()
    calm = rows(project)
    for path in (*files.images().values(), data.STAMP, project / "data/splits.csv"):
        path.unlink()
    for index, path in enumerate(sorted(mirror.glob("images/*/*.jpg"))):
        faults = (Fault(status=500), Fault(status=503), Fault(cut=300), Fault(wait=0.1), Fault(status=429))
        log.faults[path.name] = [faults[index % 5], faults[(index + 1) % 5]]
    log.gets.clear()
    data.main()
    assert rows(project) == calm
    assert is_complete(project, mirror)
    assert not [name for name in log.gets if name.endswith(".csv")]  # the tables are fetched once
    assert log.most_open <= 8


def test_a_connection_that_breaks_is_no_broken_photograph(project, mirror, served):
    log, _ = served
    first = ids_of(mirror, "Dog")[:3]
    for path in first:
        log.faults[path.name] = [Fault(cut=300), Fault(cut=301)]
    data.main()
    assert is_complete(project, mirror)
    assert {path.stem for path in first} <= set(files.images())
    assert [log.gets[path.name] for path in first] == [3, 3, 3]


def test_a_photograph_that_never_comes_is_replaced(project, mirror, served):
    log, _ = served
    log.lasting = True
    lost = ids_of(mirror, "Dog")[3]
    log.faults[lost.name] = [Fault(status=500)]
    data.main()
    assert is_complete(project, mirror)
    assert lost.stem not in files.images()
    assert log.asked[lost.name] == asking_again.ATTEMPTS


def test_a_photograph_that_a_busy_server_had_no_time_for_is_asked_for_again(project, mirror, served):
    log, _ = served
    first = ids_of(mirror, "Coffee")[0]
    log.faults[first.name] = [Fault(status=429, headers=(("Retry-After", "1"),))]
    data.main()
    assert is_complete(project, mirror)
    assert not log.faults[first.name]
    assert first.stem in files.images()


def test_a_server_that_hangs_is_asked_again(project, mirror, served, monkeypatch):
    log, _ = served
    monkeypatch.setattr(photograph_server, "TIMEOUT", 0.3)
    for path in ids_of(mirror, "Coffee")[:3]:
        log.faults[path.name] = [Fault(wait=1)]
    data.main()
    assert is_complete(project, mirror)
    assert set(path.stem for path in ids_of(mirror, "Coffee")[:3]) <= set(files.images())


@pytest.mark.parametrize("had", [1, 25])
def test_a_killed_download_goes_on(project, mirror, served, environment, had):
    log, _ = served
    data.main()
    calm = rows(project)
    for path in (*files.images().values(), data.STAMP, project / "data/splits.csv"):
        path.unlink()
    for path in mirror.glob("images/*/*.jpg"):
        log.faults[path.name] = [Fault(wait=0.05), Fault(wait=0.05)]
    process = programs.started(project, environment, "data")
    unfinished = project / "data/unfinished"
    while len(list(unfinished.glob("*.jpg"))) < had:
        assert process.is_alive()
        time.sleep(0.005)
    process.kill()
    process.join()
    assert not (project / "data/splits.csv").exists()
    whole = {path.name for path in unfinished.glob("*.jpg")}
    log.gets.clear()
    data.main()
    assert rows(project) == calm
    assert is_complete(project, mirror)
    assert not whole & set(log.gets)  # what was there is not asked for again


def test_only_what_is_broken_or_gone_is_fetched_again(project, mirror, served):
    log, _ = served
    data.main()
    calm = rows(project)
    broken, gone, *_ = (row["image_id"] for row in calm)
    files.images()[broken].write_bytes(b"scratched")
    files.images()[gone].unlink()
    log.gets.clear()
    data.main()
    assert rows(project) == calm
    assert is_complete(project, mirror)
    fetched = {name for name in log.gets if name.endswith(".jpg")}
    assert {f"{broken}.jpg", f"{gone}.jpg"} <= fetched
    assert not fetched & ({f"{row['image_id']}.jpg" for row in calm} - {f"{broken}.jpg", f"{gone}.jpg"})


def test_make_data_from_a_mirror_of_the_command_line(project, mirror, edit, environment):
    """The real command, as in the README."""
    with serving(mirror) as (address, _):
        wish(edit, project, "http://127.0.0.1:9")
        command = ["make", "data", f"PYTHON={sys.executable}", f"DATA_FLAGS=--mirror {address}"]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "data/splits.csv: 36 images of Coffee, Dog" in done.stdout
    assert is_complete(project, mirror)
    data.main()  # another address of the same photographs: nothing to do


def test_authors_and_licences_are_kept(project):
    data.main()
    found = {credit.image_id: credit for credit in credits.read()}
    assert list(found) == [row["image_id"] for row in rows(project)]
    for image_id, credit in found.items():
        index = int(image_id.rstrip("a")) // 7919 if image_id.endswith("a") else int(image_id) // 7919
        assert credit == credits.Credit(
            image_id,
            f"Author {index}",
            "https://creativecommons.org/licenses/by/2.0/",
            f"Title {index}",
            f"https://example.org/photos/{index}",
            f"https://example.org/people/{index}",
        )


def test_a_mirror_without_authors_is_told(mirror, capsys):
    (mirror / f"{NAMES[0]}.csv").unlink()
    data.main()
    assert "photographs is unknown: no table names them" in capsys.readouterr().out
    unknown = [credit for credit in credits.read() if not credit.author]
    sections = {path.stem: path.parent.name for path in mirror.glob("images/*/*.jpg")}
    assert {sections[credit.image_id] for credit in unknown} == {"train"}
    assert len(credits.read()) == 36


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ('["Cofee", "Dog"]', 'no class "Cofee" with boxes; did you mean "Coffee"?'),
        ('["dog", "Coffee"]', 'no class "dog" with boxes; did you mean "Dog"?'),
        ('["Xylograph", "Dog"]', "see the list at storage.googleapis.com/openimages"),
    ],
)
def test_an_unknown_class_is_told_with_the_nearest(project, edit, served, classes, told):
    wish(edit, project, served[1], classes=classes)
    with pytest.raises(Problem, match=told.replace("?", "[?]")):
        data.main()


def test_too_few_photographs_are_told(project, edit, served):
    wish(edit, project, served[1], train="30")
    with pytest.raises(Problem, match="Coffee: the source has 24 usable images, 38 are needed; choose"):
        data.main()


def test_no_network_is_told(project, edit, served):
    wish(edit, project, "http://127.0.0.1:9")
    with pytest.raises(Problem, match="cannot be read.*check your network"):
        data.main()
    source = data.open_source(data.submission.read(), served[1])
    source.mirror = "http://127.0.0.1:9"  # the network goes after the tables have come
    with pytest.raises(Problem, match="Could not connect.*it goes on from here"):
        list(source.fetch("Dog", source.ids("Dog")))


def test_a_mirror_that_tells_no_lengths_named_as_people_name_it(project, mirror, edit, served):
    """Without http://, and with blank lines in its tables."""
    log, address = served
    log.lengths = False
    for table in mirror.glob("*.csv"):
        table.write_text(table.read_text().replace("\n", "\n\n", 3))
    wish(edit, project, address.removeprefix("http://"))
    data.main()
    assert is_complete(project, mirror)
    assert all(credit.author for credit in credits.read())


def test_photographs_of_a_mirror(project, edit, mirror):
    """The same with thousands of real photographs, where this computer has them; else with a few."""
    folder = SHARED if SHARED.is_dir() else mirror
    classes = '["Cat", "Dog"]' if SHARED.is_dir() else '["Coffee", "Dog"]'
    with serving(folder) as (address, _):
        wish(edit, project, address, classes=classes)
        data.main()
    assert Counter(row["split"] for row in rows(project)) == {"train": 20, "val": 8, "test": 8}
    for row in rows(project):
        assert labels_of(folder)[row["image_id"]] == {row["label"]}
