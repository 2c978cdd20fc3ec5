"""Test images from a real server on loopback, from a folder, and from the submission itself."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from grader.contract import SplitRow
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running import images
from grader.submission import Submission
from tests import conftest
from tests.conftest import CONTRACT
from tests.listening import Silent, listening

PHOTOGRAPHS = {f"{number:016x}": b"photograph %d" % number for number in range(20)}


@dataclass
class Server:
    """Serves PHOTOGRAPHS below /images/<section>/, each in one section; some answers fail at first."""

    address: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    troubled: frozenset[str] = frozenset()  # ids whose first two answers, in their own section, are 503


class Handler(Silent, BaseHTTPRequestHandler):
    def __init__(self, *connection: Any, server: Server) -> None:
        self.photographs = server
        super().__init__(*connection)

    def do_GET(self) -> None:
        server = self.photographs
        _, _, section, name = self.path.split("/")
        image_id = name.removesuffix(".jpg")
        server.asked[image_id] += 1
        own = images.SECTIONS[int(image_id, 16) % 3] if image_id in PHOTOGRAPHS else ""
        if section != own:
            self.send_error(403)  # as the bucket answers
        elif image_id in server.troubled and server.asked[image_id] <= 2 + int(image_id, 16) % 3:
            self.send_error(503)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PHOTOGRAPHS[image_id])


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with listening(partial(Handler, server=server)) as server.address:
        yield server


def rows(contents: dict[str, bytes]) -> list[SplitRow]:
    return [
        SplitRow(name, "Dog", "test", hashlib.sha256(content).hexdigest(), line)
        for line, (name, content) in enumerate(contents.items(), start=2)
    ]


def submission(
    folder: Path, source: str, files: dict[str, bytes] | None = None, **around: object
) -> Submission:
    contract = CONTRACT.replace('"folder"', f'"{source}"').encode()
    return conftest.submission(folder, {"submission.toml": contract, **(files or {})}, **around)


def test_every_section_is_tried_and_nothing_asked_twice(server: Server, tmp_path: Path) -> None:
    wanted, steps = rows(PHOTOGRAPHS), []
    homework = submission(
        tmp_path, "openimages", mirror=server.address, progress=lambda *step: steps.append(step)
    )
    found = images.obtain(homework, wanted)
    assert {name: path.read_bytes() for name, path in found.paths.items()} == {
        row.sha256: PHOTOGRAPHS[row.image_id] for row in wanted
    }
    assert steps == [("fetching images", f"{number} of 20") for number in range(1, 21)]
    server.asked.clear()
    assert images.obtain(homework, wanted).paths == found.paths
    assert not server.asked


def test_a_busy_server_is_asked_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "PAUSE", 0.001)
    server.troubled = frozenset(list(PHOTOGRAPHS)[:5])
    homework = submission(tmp_path, "openimages", mirror=f"{server.address}/")
    found = images.obtain(homework, rows(PHOTOGRAPHS))
    assert len(found.paths) == 20 and not found.missing


def test_missing_and_different_images_are_told_apart(server: Server, tmp_path: Path) -> None:
    wanted = rows({**PHOTOGRAPHS, "ffffffffffffffff": b"nobody has this", "0" * 15 + "5": b"another one"})
    found = images.obtain(submission(tmp_path, "openimages", mirror=f"{server.address}/"), wanted)
    assert [row.image_id for row in found.missing] == ["ffffffffffffffff"]
    assert [row.image_id for row in found.different] == ["0" * 15 + "5"]
    assert len(found.paths) == 19


def test_a_spoilt_cache_is_noticed(server: Server, tmp_path: Path) -> None:
    homework, wanted = submission(tmp_path, "openimages", mirror=f"{server.address}/"), rows(PHOTOGRAPHS)
    first = next(iter(images.obtain(homework, wanted).paths.values()))
    first.write_bytes(b"spoilt")
    found = images.obtain(homework, wanted)
    assert found.paths[first.name].read_bytes() == PHOTOGRAPHS[wanted[0].image_id]


def test_no_server_measures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "PAUSE", 0.001)
    homework = submission(tmp_path, "openimages", mirror="http://127.0.0.1:9")
    with pytest.raises(NotMeasured, match=r"^http://127.0.0.1:9/images/train/0{16}.jpg cannot be reached: "):
        images.obtain(homework, rows(PHOTOGRAPHS))


def test_the_instructors_folder_is_searched_by_content(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    (folder / "Dog").mkdir(parents=True)
    for number, content in enumerate(PHOTOGRAPHS.values()):
        (folder / "Dog" / f"IMG {number}.jpeg").write_bytes(content)
    found = images.obtain(submission(tmp_path, "folder", images=folder), rows(PHOTOGRAPHS))
    assert len(found.paths) == 20


def test_images_in_the_commit_are_read_there(tmp_path: Path) -> None:
    files = {f"data/images/{name}.jpg": content for name, content in PHOTOGRAPHS.items()}
    wanted = rows({**PHOTOGRAPHS, "not-there": b"?"})
    found = images.obtain(submission(tmp_path, "folder", files), wanted)
    assert (len(found.paths), [row.image_id for row in found.missing]) == (20, ["not-there"])


def test_images_that_are_nowhere_measure_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match="none of these 20 images can be had"):
        images.obtain(submission(tmp_path, "folder"), rows(PHOTOGRAPHS))


@pytest.mark.parametrize("digest", ["", "abc", "../../../etc/passwd", "g" * 64, "A" * 64])
def test_a_hash_that_is_none_is_the_students_trouble(digest: str, tmp_path: Path) -> None:
    wanted = [SplitRow("one", "Dog", "test", digest, 7)]
    with pytest.raises(SubmissionError, match=r"^data/splits.csv:7: sha256 is .*expected 64 hexadecimal"):
        images.obtain(submission(tmp_path, "folder"), wanted)


def test_an_unknown_source_is_the_students_trouble(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="data.source is 'imagenet', expected openimages, digits or"):
        images.obtain(submission(tmp_path, "imagenet"), rows(PHOTOGRAPHS))


def test_content_that_is_here_is_not_what_the_source_has_under_another_id(
    server: Server, tmp_path: Path
) -> None:
    """Two photographs change places, or one of somebody's own takes the place of one of Open Images."""
    homework, wanted = submission(tmp_path, "openimages", mirror=server.address), rows(PHOTOGRAPHS)
    assert not images.obtain(homework, wanted).different
    own = {"data/images/own.jpg": b"an easy picture of one's own"}
    (mine,) = rows({"own": own["data/images/own.jpg"]})
    images.obtain(submission(tmp_path, "folder", own), [mine])
    one, other, third = wanted[:3]
    swapped = [replace(one, sha256=other.sha256), replace(other, sha256=one.sha256)]
    found = images.obtain(homework, [*swapped, replace(third, sha256=mine.sha256)])
    assert found.different == (*swapped, replace(third, sha256=mine.sha256))
    assert not found.paths
    assert images.obtain(homework, wanted).different == ()


def test_an_instructors_folder_stands_for_the_source(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number, content in enumerate(PHOTOGRAPHS.values()):
        (folder / f"IMG {number}.jpeg").write_bytes(content)
    homework = submission(tmp_path, "openimages", images=folder, mirror="http://127.0.0.1:9")
    assert len(images.obtain(homework, rows(PHOTOGRAPHS)).paths) == 20
