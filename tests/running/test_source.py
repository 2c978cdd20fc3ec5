"""Whether images exist: the offline sample by name, photographs by tables and then by their source."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from grader import assignment
from grader.checks.splits import Splits
from grader.ground.errors import NotMeasured
from grader.submission import Submission
from tests.conftest import CONTRACT, Make
from tests.listening import Silent, listening
from tests.running.test_tables import BOXES

DOG, COFFEE = "000a1249af2bc5f0", "000a1249af2bc5f1"  # both stand in the tables
UNLISTED = "0a0a0a0a0a0a0a0a"  # the site has it, no table here does
INVENTED = "0123456789abcdef"
CHECK = Splits(classes=2, train=1, val=0, test=0)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "class-descriptions-boxable.csv").write_text("/m/02vqfm,Coffee\n/m/0bt9lr,Dog\n")
    rows = ((DOG, "/m/0bt9lr"), (COFFEE, "/m/02vqfm"))
    (folder / "train-annotations-bbox.csv").write_text(
        BOXES + "".join(f"{image},xclick,{code},1,0.1,0.9,0.1,0.9,0,0,0,0,0\n" for image, code in rows)
    )
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site" / "images" / "test"
    folder.mkdir(parents=True)
    (folder / f"{UNLISTED}.jpg").write_bytes(b"a photograph")

    class Handler(Silent, SimpleHTTPRequestHandler):
        """Answers 404 for everything else."""

    with listening(partial(Handler, directory=str(tmp_path / "site"))) as address:
        yield address


def listing(submit: Make, source: str, coffee: str, dog: str, **around: object) -> Submission:
    rows = "".join(
        f"{image},{label},train,{hashlib.sha256(image.encode()).hexdigest()}\n"
        for image, label in ((coffee, "Coffee"), (dog, "Dog"))
    )
    submission = submit({
        "submission.toml": CONTRACT.replace('"folder"', f'"{source}"'),
        "data/splits.csv": f"image_id,label,split,sha256\n{rows}",
    })  # fmt: skip
    submission.surroundings = replace(submission.surroundings, **around)
    return submission


def said(check: Splits, submission: Submission) -> list[tuple[str, str]]:
    measured = check.restore(to_builtins(check.collect(submission)))
    return [(finding.level, finding.message) for finding in check.judge(measured)]


@pytest.mark.parametrize(
    ("coffee", "dog", "absent"),
    [
        ("digit-0000", "digit-1796", None),  # the first and the last
        ("digit-0000", "digit-1797", "1 images are not in the source digits, such as digit-1797 (line 3)"),
        ("digit-00", "d", "2 images are not in the source digits, such as digit-00 (line 2), d (line 3)"),
    ],
)
def test_digits_are_known_by_name(submit: Make, coffee: str, dog: str, absent: str | None) -> None:
    expected = [("error", f"data/splits.csv: {absent}")] if absent else []
    assert said(CHECK, listing(submit, "digits", coffee, dog)) == expected


def test_without_tables_nobody_looks_but_an_id_must_be_one(submit: Make) -> None:
    unasked = (
        "note",
        "nobody looked whether openimages has these images:"
        " course.toml names no folder with its tables (open_images)",
    )
    assert said(CHECK, listing(submit, "openimages", INVENTED, DOG)) == [unasked]
    misnamed = "data/splits.csv: 1 images are not in the source openimages, such as my-cup (line 2)"
    assert said(CHECK, listing(submit, "openimages", "my-cup", DOG)) == [("error", misnamed), unasked]


def test_what_no_table_has_is_asked_from_the_source(submit: Make, published: Path, site: str) -> None:
    check = replace(CHECK, open_images=str(published))
    assert said(check, listing(submit, "openimages", COFFEE, DOG, mirror=site)) == []
    assert said(check, listing(submit, "openimages", UNLISTED, DOG, mirror=site)) == []
    absent = f"data/splits.csv: 1 images are not in the source openimages, such as {INVENTED} (line 2)"
    assert said(check, listing(submit, "openimages", INVENTED, DOG, mirror=site)) == [("error", absent)]


@pytest.mark.parametrize("around", [{"static": True}, {"mirror": "http://127.0.0.1:9"}])
def test_where_the_source_cannot_be_asked_it_stays_open(
    submit: Make, published: Path, around: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.running.images.PAUSE", 0)
    check = replace(CHECK, open_images=str(published))
    with pytest.raises(NotMeasured, match="1 images are in no table of openimages here"):
        said(check, listing(submit, "openimages", INVENTED, DOG, **around))


def test_an_assignment_names_the_sources_that_it_accepts(submit: Make) -> None:
    check = replace(CHECK, sources=("openimages",))
    (found,) = said(check, listing(submit, "digits", "digit-0000", "digit-0001"))
    assert found == (
        "error",
        "submission.toml: data.source is 'digits', this assignment asks for images of openimages",
    )
    assert said(replace(CHECK, sources=()), listing(submit, "digits", "digit-0000", "digit-0001")) == []


def test_homework_4_asks_for_open_images_and_the_demo_has_a_rubric_of_its_own() -> None:
    def rubric(name: str) -> Iterable[tuple[str, float, bool]]:
        found = assignment.load(assignment.find(name))
        return [(each.name, each.points, each.required) for each in found.criteria]

    def sources(name: str) -> tuple[str, ...]:
        checks = [each.check for each in assignment.load(assignment.find(name)).criteria]
        return next(check.sources for check in checks if isinstance(check, Splits))

    assert rubric("demo") == rubric("hw4")
    assert (sources("demo"), sources("hw4")) == (("digits",), ("openimages",))
