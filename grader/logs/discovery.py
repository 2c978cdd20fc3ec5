"""Finds the training logs of a submission by what the files say, not by what they are called."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from grader.errors import NotMeasured, SubmissionError
from grader.logs import evaluated, lines, notebooks, runs, tensorboard, whole_json
from grader.logs.records import Log
from grader.submission import Submission

FILE_LIMIT = 50_000_000  # bytes
TOTAL_LIMIT = 100_000_000
FILES_LIMIT = 400

# Formats that hold no text log. Anything else is opened; these are only not worth it.
BINARY = frozenset(
    ".png .jpg .jpeg .gif .bmp .webp .tif .tiff .ico .svg .pdf .docx .pptx .odt .xlsx .zip .gz .tar "
    ".tgz .7z .rar .h5 .hdf5 .keras .pt .pth .ckpt .safetensors .onnx .pb .tflite .npy .npz .pkl "
    ".pickle .joblib .mp4 .avi .mov .mp3 .wav .ttf .woff .woff2 .so .dll .exe .pyc .bin .parquet .db "
    ".sqlite .index .data-00000-of-00001".split()
)  # fmt: skip
# Sources and documents may quote a log; they are not one. (`claims` reads the documents.)
WRITTEN = frozenset(
    ".py .pyi .js .ts .jsx .tsx .css .scss .html .htm .xml .c .h .cpp .hpp .cu .java .kt .swift .go .rs "
    ".rb .php .r .m .sh .bat .ps1 .md .rst .tex .bib .cls .sty .toml .cfg .ini .yml .yaml .lock "
    ".gitignore .dockerfile .map".split()
)  # fmt: skip
# A text without any of these is no log: most files of data end here.
METRIC = re.compile(r"loss|acc|err|f1|dice|iou|auc|belonging", re.IGNORECASE)
PROMISING = ("log", "train", "hist", "metric", "result", "out", "run", "epoch")


class Logs(Struct, frozen=True, kw_only=True):
    """Everything found. `unread` names what could hold a log and could not be read, with the reason."""

    logs: tuple[Log, ...] = ()
    unread: tuple[str, ...] = ()
    looked_into: int = 0  # files and notebooks

    @property
    def trained(self) -> tuple[Log, ...]:
        """The logs that show at least one epoch."""
        return tuple(log for log in self.logs if log.runs)


def find(submission: Submission) -> Logs:
    """All logs in files and notebook outputs, notebooks in the order of their cells."""
    found: list[Log] = []
    unread: list[str] = []
    left, looked_into = TOTAL_LIMIT, 0
    worth = candidates(submission.sizes)
    for path in worth[:FILES_LIMIT]:
        try:
            content = submission.read(path, min(FILE_LIMIT, left))
            left -= len(content)
            found += read(path, content)
            looked_into += 1
        except (SubmissionError, NotMeasured, ValueError) as trouble:
            unread.append(str(trouble) if path in str(trouble) else f"{path}: {trouble}")
    if len(worth) > FILES_LIMIT:
        unread.append(f"{len(worth) - FILES_LIMIT} more files")
    scalars, broken = tensorboard.all_in(submission)
    return Logs(logs=(*found, *scalars), unread=(*unread, *broken), looked_into=looked_into)


def candidates(sizes: Mapping[str, int]) -> list[str]:
    """What is worth opening: notebooks, then names that promise a log, then the rest, small ones first."""
    text = [
        path
        for path in sizes
        if sizes[path] and _suffix(path) not in BINARY | WRITTEN and tensorboard.MARK not in path
    ]
    return sorted(
        text, key=lambda path: (not path.endswith(".ipynb"), not _promises(path), sizes[path], path)
    )[:FILES_LIMIT]


def read(path: str, content: bytes) -> list[Log]:
    """The logs in one file: none, one, or one for each cell of a notebook.

    Raises:
        ValueError: a notebook that is not one.
    """
    if path.endswith(".ipynb"):
        logs = [_cell(path, cell) for cell in notebooks.cells(content)]
    else:
        logs = _file(path, content)
    return [log for log in logs if log.runs or log.evaluations or log.sizes]


def _file(path: str, content: bytes) -> list[Log]:
    text = lines.decode(content)
    if text is None or not METRIC.search(text.content):
        return []
    found = whole_json.lines(text.content) or tuple(lines.split(text.content))
    log = runs.read(found, lambda line: f"{path}:{line.number}", path)
    return [msgspec.structs.replace(log, warnings=(text.warning,) if text.warning else ())]


def _cell(path: str, cell: notebooks.Cell) -> Log:
    place = f"{path}#c{cell.number}"
    log = runs.read(cell.lines, lambda _: place, place, finished=cell.finished)
    log = evaluated.with_split(log, cell.source)
    if cell.failed:
        log = msgspec.structs.replace(log, warnings=("the cell ended with an error",))
    return log


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _promises(path: str) -> bool:
    return any(word in path.lower() for word in PROMISING)
