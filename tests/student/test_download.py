"""The source `openimages`, against a real server on this computer that has the faults of a real network."""

import csv
import functools
import io
import threading
from collections import Counter
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from finetune import data, files
from finetune.problem import Problem
from PIL import Image

SHARED = Path(__file__).parents[3] / "shared/openimages-mirror"
HEADER = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
    "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
)
CODES = {"Coffee": "/m/02vqfm", "Dog": "/m/0bt9lr", "Cat": "/m/01yrx"}


class Server(SimpleHTTPRequestHandler):
    """Serves a folder; the first request for every seventh image ends in an internal error."""

    seen: Counter[str]

    def send_head(self):
        self.seen[self.path] += 1
        if self.path.endswith(("3.jpg", "a.jpg")) and self.seen[self.path] == 1:
            self.send_error(500)
            return None
        return super().send_head()

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    """Start a server for a folder; returns its address and a count of its requests."""
    servers = []

    def start(folder):
        handler = type("Handler", (Server,), {"seen": Counter()})
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", handler.seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mirror(tmp_path):
    """24 photographs each of coffee and dogs, in three sections, as Open Images publishes them."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    descriptions = "".join(f"{code},{name}\n" for name, code in CODES.items())
    (folder / "class-descriptions-boxable.csv").write_text(descriptions)
    tables = {section: [HEADER] for section in ("train", "validation", "test")}
    for index in range(48):
        section = ("train", "train", "validation", "test")[index % 4]
        label = ("Coffee", "Dog")[index // 24]
        # Ids of digits only, with zeros in front, are where a table read as numbers goes wrong.
        image_id = f"{index * 7919:016d}" if index % 3 else f"{index * 7919:015d}a"
        tables[section].append(f"{image_id},xclick,{CODES[label]},1,0.1,0.9,0.1,0.9,0,0,0,0,0")
        content = io.BytesIO()
        Image.effect_noise((64, 48), 20 + index).convert("RGB").save(content, "JPEG")
        path = folder / "images" / section / f"{image_id}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.getvalue())
    # A dog with a coffee, and coffee at the edge of a picture.
    tables["test"].append(f"{'d' * 16},xclick,{CODES['Dog']},1,0,1,0,1,0,0,0,0,0")
    tables["test"].append(f"{'d' * 16},xclick,{CODES['Coffee']},1,0,1,0,1,0,0,0,0,0")
    tables["test"].append(f"{'e' * 16},xclick,{CODES['Coffee']},1,0,1,0,1,0,1,0,0,0")
    for section, lines in tables.items():
        (folder / f"{section}-annotations-bbox.csv").write_text("\n".join(lines) + "\n")
    return folder


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


def test_missing_empty_and_cut_off_images_are_replaced(project, edit, mirror, serve):
    images = sorted((mirror / "images").glob("*/*.jpg"))
    by_label = {
        label: [i for i in images if labels_of(mirror)[i.stem] == {label}] for label in ("Coffee", "Dog")
    }
    for of_class in by_label.values():
        of_class[0].unlink()
        of_class[5].unlink()
        of_class[1].write_bytes(b"")
        of_class[2].write_bytes(of_class[2].read_bytes()[:400])
        of_class[3].write_text("<html>not an image</html>")
    address, _ = serve(mirror)
    wish(edit, project, address)
    data.main()

    counts = Counter((row["label"], row["split"]) for row in rows(project))
    assert counts == {
        (c, s): n for c in ("Coffee", "Dog") for s, n in (("train", 10), ("val", 4), ("test", 4))
    }
    for row in rows(project):
        assert labels_of(mirror)[row["image_id"]] == {row["label"]}
        original = next(mirror.glob(f"images/*/{row['image_id']}.jpg"))
        assert files.images()[row["image_id"]].read_bytes() == original.read_bytes()
    assert not (project / "data/unfinished").exists()


def test_less_clear_photographs_only_where_needed(project, edit, mirror, serve):
    address, _ = serve(mirror)
    wish(edit, project, address)
    source = data.open_source(data.submission.read())
    assert "d" * 16 not in source.ids("Coffee") + source.ids("Dog")
    assert len(source.ids("Coffee")) == len(source.ids("Dog")) == 24  # 18 are wanted, and a fifth more
    source.wanted = 22
    assert "e" * 16 in source.ids("Coffee")


def test_an_interrupted_download_goes_on(project, edit, mirror, serve):
    address, requests = serve(mirror)
    wish(edit, project, address)
    source = data.open_source(data.submission.read())
    had = list(source.fetch("Dog", source.ids("Dog")))
    assert len(had) == 24
    requests.clear()
    # Half a file is what an interruption leaves behind.
    spoilt = project / "data/unfinished/dog/images" / f"{had[0].image_id}.jpg"
    spoilt.write_bytes(had[0].content[:300])
    again = data.open_source(data.submission.read())
    assert list(again.fetch("Dog", again.ids("Dog"))) == had
    assert {path.rpartition("/")[2] for path in requests if path.endswith(".jpg")} == {spoilt.name}
    assert not [path for path in requests if "annotations" in path]  # the big tables are read once


def test_an_unknown_class_is_told_with_the_nearest(project, edit, mirror, serve):
    address, _ = serve(mirror)
    wish(edit, project, address, classes='["Cofee", "Dog"]')
    with pytest.raises(Problem, match='no class "Cofee" with boxes; did you mean "Coffee"?'):
        data.main()


def test_no_network_is_told(project, edit):
    wish(edit, project, "http://127.0.0.1:9")
    with pytest.raises(Problem, match="cannot be read.*check your network"):
        data.main()


def test_photographs_of_a_mirror(project, edit, serve, request):
    """The same with thousands of real photographs, where this computer has them; else with a few."""
    folder = SHARED if SHARED.is_dir() else request.getfixturevalue("mirror")
    classes = '["Cat", "Dog"]' if SHARED.is_dir() else '["Coffee", "Dog"]'
    address, _ = serve(folder)
    wish(edit, project, address, classes=classes)
    data.main()
    assert Counter(row["split"] for row in rows(project)) == {"train": 20, "val": 8, "test": 8}
    for row in rows(project):
        assert labels_of(folder)[row["image_id"]] == {row["label"]}
