"""What it costs to find the photographs of two classes in tables as large as those of Open Images.

Our way and that of the package `openimages` get the same tables from a server on this computer, in one run.

    make bench-download
    make bench-download BENCH_FLAGS=1000     # megabytes of the largest table
"""

import functools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STUDENT = Path(__file__).parents[1] / "student"
CLASSES = {"Coffee": "/m/02vqfm", "Dog": "/m/0bt9lr"}
CLASS_COUNT = 600
BOXES = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
    "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n"
)
IMAGES = (
    "ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,"
    "OriginalSize,OriginalMD5,Thumbnail300KURL,Rotation\n"
)
# A limit of no photographs: what is measured is how either way finds out which ones there are.
PACKAGE = """
import sys, openimages.download as package
package._OID_v4 = package._OID_v5 = sys.argv[1] + "/"
package.download_images("images", ["Coffee", "Dog"], None, None, 0)
"""
OURS = """
import sys, pathlib
from finetune.sources.download import OpenImages
source = OpenImages(("Coffee", "Dog"), 600, pathlib.Path("unfinished"), sys.argv[1])
chosen = source.ids("Coffee")[:600] + source.ids("Dog")[:600]
"""
AUTHORS = OURS + "source.credits(chosen)"
WAYS = {
    "the package": PACKAGE,
    "ours": OURS,
    "ours, once the tables are here": OURS,
    "ours, with the authors' tables": AUTHORS,
}


@dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    cpu: float  # seconds
    memory: float  # MiB at most


class Server(SimpleHTTPRequestHandler):
    """Serves each file under any folder: the package and a mirror put them into different ones."""

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.rpartition("/")[2])

    def log_message(self, *_: object) -> None:
        pass


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        tables, work = Path(name, "tables"), Path(name, "work")
        tables.mkdir()
        work.mkdir()
        write_tables(tables, megabytes)
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(tables)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        costs = {way: measured(program, address, work) for way, program in WAYS.items()}
        sizes = ", ".join(f"{path.stat().st_size / 1e6:.0f}" for path in sorted(tables.glob("train-*")))
        server.shutdown()
    print(f"The tables of the section train: {sizes} MB")
    print(f"{'':32}{'wall s':>8}{'CPU s':>8}{'MiB':>8}{'time ratio':>12}{'memory ratio':>14}")
    package = costs["the package"]
    for way, cost in costs.items():
        ratios = f"{package.wall / cost.wall:>12.1f}{package.memory / cost.memory:>14.1f}"
        print(f"{way:32}{cost.wall:8.2f}{cost.cpu:8.2f}{cost.memory:8.0f}{ratios}")


def measured(program: str, address: str, folder: Path) -> Cost:
    """A whole process, imports included."""
    began = time.perf_counter()
    command = [sys.executable, "-c", program, address]
    environment = os.environ | {"PYTHONPATH": str(STUDENT), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"it ended with status {status}: {program}")
    memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, memory)


def write_tables(folder: Path, megabytes: int) -> None:
    """Eight objects a photograph. Few classes are frequent and most are rare, as in the real tables."""
    draw = random.Random(1)
    codes = [f"/m/0{number:05d}" for number in range(CLASS_COUNT - len(CLASSES))]
    codes[60:60] = CLASSES.values()
    (folder / "class-descriptions-boxable.csv").write_text(
        "".join(f"{code},{name}\n" for name, code in CLASSES.items())
    )
    names = {"train": "train-images-boxable", "validation": "validation-images", "test": "test-images"}
    for section, name in names.items():
        size = megabytes * 10**6 // (1 if section == "train" else 50)
        boxes = folder / f"{section}-annotations-bbox.csv"
        with boxes.open("w") as objects, (folder / f"{name}-with-rotation.csv").open("w") as photographs:
            objects.write(BOXES)
            photographs.write(IMAGES)
            while size > 0:
                image_id = f"{draw.getrandbits(64):016x}"
                size -= objects.write(boxes_of(image_id, codes, draw))
                photographs.write(about(image_id, section, draw))


def boxes_of(image_id: str, codes: list[str], draw: random.Random) -> str:
    chosen = (codes[int(len(codes) ** draw.random()) - 1] for _ in range(8))
    corners = f"0.{draw.getrandbits(19):06d},0.812500,0.{draw.getrandbits(19):06d},0.937500"
    return "".join(f"{image_id},xclick,{code},1,{corners},0,1,0,0,0\n" for code in chosen)


def about(image_id: str, section: str, draw: random.Random) -> str:
    number = draw.getrandbits(32)
    page = f"https://www.flickr.com/photos/author{number}/{number}"
    return (
        f"{image_id},{section},https://farm1.staticflickr.com/1/{number}_o.jpg,{page},"
        f"https://creativecommons.org/licenses/by/2.0/,https://www.flickr.com/people/author{number}/,"
        f'"Author, {number}",A photograph,{number},AAAAAAAAAAAAAAAAAAAAAA==,'
        f"https://c1.staticflickr.com/1/{number}_z.jpg,0.0\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
