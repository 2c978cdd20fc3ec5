"""Read submission.toml: what is trained, on what, and where everything lies.

The file becomes one frozen record, so that no later step can change it. A mistake in it is told by its place:
`submission.toml: [model] backbon: there is no such key; did you mean "backbone"?`
"""

import dataclasses
import datetime
import hashlib
import re
import tomllib
import typing
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from finetune.parts import toml_records
from finetune.parts.problem import Problem

FILE = Path("submission.toml")
SOURCES = ("openimages", "digits", "folder")
LIBRARIES = ("torchvision", "timm", "keras")  # the last one for programs of your own: other-frameworks/
NOBODY = "ABC123"  # the student of the starter's own file


@dataclass(frozen=True)
class Data:
    """Where the images come from and how many of each class go into each split."""

    source: str  # which of SOURCES
    splits: str = "data/splits.csv"
    # Of each class. With 100 test images of two classes each, an accuracy of 0.95 is known to about 0.03: to
    # halve that, one needs four times as many (see `wilson` in evaluate.py).
    train: int = 400
    val: int = 100
    test: int = 100
    folder: str = ""  # for source = "folder"
    mirror: str = ""  # for source = "openimages"

    @property
    def counts(self) -> dict[str, int]:
        """Images of each class in each split, in the order in which the splits are filled."""
        return {"train": self.train, "val": self.val, "test": self.test}


@dataclass(frozen=True)
class Model:
    """The pretrained network and the files that hold what we changed in it."""

    # The same network has been trained more than once, by other recipes: ResNet-50's IMAGENET1K_V1 is right
    # about 76 % of ImageNet's photographs, its IMAGENET1K_V2 about 81 %. So it takes all three to name one.
    library: str
    backbone: str
    weights: str
    # Safetensors files hold numbers and nothing else. A .pt or .pkl file may run a program when it is opened.
    checkpoint: str = "model.safetensors"
    phase_one_checkpoint: str = "head.safetensors"
    upper_layers: tuple[str, ...] = ()  # empty: `default_upper` in backbone.py chooses
    head: tuple[int, ...] = ()  # sizes of the hidden layers of the new head
    dropout: float = 0.0  # this share of the head's inputs is left out at random in each step of training


@dataclass(frozen=True)
class Log:
    paths: tuple[str, ...] = ("logs/train.jsonl",)


@dataclass(frozen=True)
class Results:
    # The answers one by one are worth more than their sum: anybody can count them, and see which are wrong.
    predictions: str = "predictions.csv"
    summary: str = "results.json"


@dataclass(frozen=True)
class Documents:
    report: str = "report.pdf"
    download: str = "finetune/sources/download.py"


@dataclass(frozen=True)
class Run:
    """Commands that the grader may run. We only check their form; our own programs do not use them."""

    predict: tuple[str, ...] = ()  # on test images under other names: their names must not tell the class
    preprocess: tuple[str, ...] = ()  # one image: is it fed as the weights want it?
    train: tuple[str, ...] = ()  # all of it once more, with your seed


@dataclass(frozen=True)
class Deadline:
    """A local time, such as "2020-11-10 23:59", in a time zone, such as "Europe/Budapest"."""

    at: str
    zone: str

    def moment(self) -> datetime.datetime:
        """The last second that is in time: 23:59 means through 23:59:59."""
        try:
            zone = zoneinfo.ZoneInfo(self.zone)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):  # OSError: a folder of zones, as Europe
            raise Problem(
                f'{FILE}: [deadline]: there is no time zone {self.zone!r}; name one as "Europe/Budapest"'
            ) from None
        try:
            local = datetime.datetime.strptime(self.at, "%Y-%m-%d %H:%M")
        except ValueError:
            raise Problem(
                f'{FILE}: [deadline]: at is {self.at!r}; write for example "2020-11-10 23:59"'
            ) from None
        # In a zone, not with an offset such as +01:00: a deadline in July is in summer time, in November not.
        return local.replace(second=59, tzinfo=zone)


@dataclass(frozen=True)
class Receipt:
    """Who is asked to vouch for the moment of `make submit`, besides your own clock; empty: nobody."""

    authority: str = ""
    signer: str = ""


@dataclass(frozen=True)
class Submission:
    schema: int
    assignment: str
    student: str
    classes: tuple[str, ...]
    data: Data
    model: Model
    # A default that is an object would be shared by all submissions; a factory makes one for each.
    log: Log = field(default_factory=Log)
    results: Results = field(default_factory=Results)
    documents: Documents = field(default_factory=Documents)
    run: Run = field(default_factory=Run)
    deadline: Deadline | None = None
    receipt: Receipt = field(default_factory=Receipt)

    @property
    def seed(self) -> int:
        """Everything random starts from this number, so no two students share their images or draws."""
        # Not Python's own hash(): that of a text is another in each process.
        return int(hashlib.sha256((self.student + self.assignment).encode()).hexdigest()[:8], 16)


def read(path: Path = FILE) -> Submission:
    """The submission that a file describes. Raises Problem, naming the file and the key."""
    try:
        # Some editors on Windows begin a file with an invisible mark, which "utf-8-sig" takes away.
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise Problem(f"{path} is not here; run the command in the folder that holds it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            f"{path} cannot be read as TOML: {error}; texts stand in quotation marks, lists in brackets, "
            'such as student = "ABC123"'
        ) from error
    if not table.get("deadline", {"at": "none"}).get("at"):
        del table["deadline"]  # as the starter has it: your course's is not entered yet
    submission = typing.cast(Submission, toml_records.record(Submission, table, f"{path}:"))
    _check(submission, path)  # now, not when training has run for an hour
    return submission


def _check(submission: Submission, path: Path) -> None:
    """What a type cannot say."""
    if submission.schema != 1:
        raise Problem(f"{path}: schema is {submission.schema}; these programs know schema 1")
    if not re.fullmatch("[A-Za-z0-9]{6}", submission.student):
        raise Problem(
            f'{path}: student is "{submission.student}"; a NEPTUN code has six letters and digits, '
            "such as ABC123"
        )
    if len(submission.classes) < 2 or len(set(submission.classes)) != len(submission.classes):
        raise Problem(
            f"{path}: classes is {list(submission.classes)}; it should name two or more different classes"
        )
    if min(submission.data.counts.values()) < 1:
        raise Problem(f"{path}: [data] train, val and test should each be 1 or more")
    # Told here, with the nearest name: later it would only be "something that cannot be found".
    toml_records.one_of(f"{path}: [data] source", submission.data.source, SOURCES)
    toml_records.one_of(f"{path}: [model] library", submission.model.library, LIBRARIES)
    _check_head(submission.model, path)
    _check_paths(submission, path)
    if submission.deadline:
        submission.deadline.moment()  # raises Problem


def _check_head(model: Model, path: Path) -> None:
    if len(model.head) > 4 or not all(1 <= size <= 16_384 for size in model.head):
        raise Problem(
            f"{path}: [model] head is {list(model.head)}; it should name the sizes of at most four hidden "
            "layers, each from 1 to 16384, such as [256]"
        )
    if not 0 <= model.dropout < 1:  # 1 would leave nothing to learn from
        raise Problem(f"{path}: [model] dropout is {model.dropout:g}; it should be from 0 to less than 1")


def _check_paths(submission: Submission, path: Path) -> None:
    """Everything that is handed in lies in the repository: nothing else is pushed."""
    if not submission.log.paths:
        raise Problem(f'{path}: [log] paths is empty; training writes its log there: ["logs/train.jsonl"]')
    paths = [
        submission.data.splits,
        submission.model.checkpoint,
        submission.model.phase_one_checkpoint,
        *submission.log.paths,
        *dataclasses.astuple(submission.results),
        *dataclasses.astuple(submission.documents),
    ]
    for each in paths:
        # "..", a leading / or C: would lead out of this folder; the grader refuses such a path too.
        parts = PurePosixPath(each.replace("\\", "/")).parts
        if not each or parts[:1] == ("/",) or ".." in parts or ":" in each:
            raise Problem(
                f'{path}: "{each}" is no place inside of this folder; '
                "name files from here on, with / between folders, such as logs/train.jsonl"
            )
