"""Finds the training logs of a submission by what the files say, not by what they are called."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.logs import cell_outputs, evaluated, exports, lines, runs, tensorboard, whole_json
from grader.reading.logs.records import FILE_LIMIT, Log, Run
from grader.submission import Submission

TOTAL_LIMIT = 100_000_000
FILES_LIMIT = 400
BLOCKS_LIMIT = 500  # of code in one Markdown text

# Formats that hold no text log. Anything else is opened; these are only not worth it.
BINARY = frozenset(
    ".png .jpg .jpeg .gif .bmp .webp .tif .tiff .ico .svg .pdf .docx .pptx .odt .xlsx .zip .gz .tar "
    ".tgz .7z .rar .h5 .hdf5 .keras .pt .pth .ckpt .safetensors .onnx .pb .tflite .npy .npz .pkl "
    ".pickle .joblib .mp4 .avi .mov .mp3 .wav .ttf .woff .woff2 .so .dll .exe .pyc .bin .parquet .db "
    ".sqlite .index .data-00000-of-00001".split()
)  # fmt: skip
# Sources and documents may quote a log; they are not one (`claims` reads the documents). Of Markdown, blocks
# of code are read; of HTML, notebooks that were saved as such.
WRITTEN = frozenset(
    ".py .pyi .js .ts .jsx .tsx .css .scss .xml .c .h .cpp .hpp .cu .java .kt .swift .go .rs "
    ".rb .php .r .m .sh .bat .ps1 .rst .tex .bib .cls .sty .toml .cfg .ini .yml .yaml .lock "
    ".gitignore .dockerfile .map".split()
)  # fmt: skip
# A text without any of these is no log: most files of data end here.
METRIC = re.compile(r"loss|acc|err|f1|dice|iou|auc|belonging", re.IGNORECASE)
COPIES = (".html", ".htm", ".md", ".markdown")
PROMISING = ("log", "train", "hist", "metric", "result", "out", "run", "epoch")


Printed = tuple[tuple[int, tuple[str, ...]], ...]  # the epochs of a run: number, values as printed


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
    printed: set[Printed] = set()
    unread: list[str] = []
    left, looked_into = TOTAL_LIMIT, 0
    worth = candidates(submission.sizes)
    for path in worth[:FILES_LIMIT]:
        try:
            content = submission.read(path, min(FILE_LIMIT, left))
            left -= len(content)
            news = _news(path, read(path, content), printed)
            found += news
            printed.update(_printed(run) for log in news for run in log.runs)
            looked_into += 1
        except (SubmissionError, NotMeasured, ValueError) as trouble:
            unread.append(str(trouble) if path in str(trouble) else f"{path}: {trouble}")
    if len(worth) > FILES_LIMIT:
        unread.insert(0, f"{len(worth) - FILES_LIMIT} files beyond the first {FILES_LIMIT} that may be logs")
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
        text,
        key=lambda path: (
            _is_copy(path),
            not path.endswith(".ipynb"),
            not _promises(path),
            sizes[path],
            path,
        ),
    )


def read(path: str, content: bytes) -> list[Log]:
    """The logs in one file: none, one, or one for each cell of a notebook.

    Raises:
        ValueError: a notebook that is not one.
    """
    if path.endswith(".ipynb"):
        logs = [_cell(path, cell) for cell in cell_outputs.cells(content)]
    else:
        logs = _file(path, content)
    return [log for log in logs if log.runs or log.evaluations or log.sizes]


def _news(path: str, logs: Sequence[Log], seen: Set[Printed]) -> list[Log]:
    """Of a copy (an export, a quotation) only the logs whose runs stand nowhere else."""
    if not _is_copy(path):
        return list(logs)
    return [log for log in logs if not log.runs or not all(_printed(run) in seen for run in log.runs)]


def _is_copy(path: str) -> bool:
    """An export, a quotation, or what Jupyter keeps beside a notebook."""
    return path.lower().endswith(COPIES) or ".ipynb_checkpoints/" in path


def _printed(run: Run) -> Printed:
    return tuple((epoch.number, tuple(value.printed for value in epoch.values)) for epoch in run.epochs)


def _file(path: str, content: bytes) -> list[Log]:
    text = texts.decode(content)
    if text is None or not METRIC.search(text.content):
        return []
    if path.lower().endswith((".html", ".htm")):
        exported = exports.is_export(text.content)
        return [_cell(path, cell) for cell in exports.cells(text.content)] if exported else []
    if path.lower().endswith((".md", ".markdown")):
        return list(_quoted(path, text.content))
    found = whole_json.lines(text.content) or tuple(lines.split(text.content))
    log = runs.read(found, lambda line: f"{path}:{line.number}", path)
    return [msgspec.structs.replace(log, warnings=(text.warning,) if text.warning else ())]


def _quoted(path: str, text: str) -> Iterator[Log]:
    """The runs in a document's blocks of code. What else it states is a claim, and no measurement."""
    for first, block in islice(exports.blocks(text), BLOCKS_LIMIT):
        if not METRIC.search(block):
            continue
        log = runs.read(
            tuple(lines.split(block, first)), lambda line: f"{path}:{line.number}", f"{path}:{first}"
        )
        yield msgspec.structs.replace(log, evaluations=(), sizes=(), passes=())


def _cell(path: str, cell: cell_outputs.Cell) -> Log:
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
