"""Read submission.toml: what is trained, on what, and where everything lies.

The file becomes one frozen record, so that no later step can change it. A mistake in it is told by its place:
`submission.toml: [model] backbon: there is no such key; did you mean "backbone"?`
"""

import dataclasses
import datetime
import difflib
import hashlib
import tomllib
import types
import typing
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finetune.parts.problem import Problem

FILE = Path("submission.toml")
NOBODY = "ABC123"  # the student of the starter's own file


@dataclass(frozen=True)
class Data:
    """Where the images come from and how many of each class go into each split."""

    source: str
    splits: str = "data/splits.csv"
    train: int = 400
    val: int = 100
    test: int = 100
    folder: str = ""
    mirror: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Images of each class in each split, in the order in which the splits are filled."""
        return {"train": self.train, "val": self.val, "test": self.test}


@dataclass(frozen=True)
class Model:
    """The pretrained network and the files that hold what we changed in it."""

    library: str
    backbone: str
    weights: str
    checkpoint: str = "model.safetensors"
    phase_one_checkpoint: str = "head.safetensors"
    upper_layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Log:
    paths: tuple[str, ...] = ("logs/train.jsonl",)


@dataclass(frozen=True)
class Results:
    predictions: str = "predictions.csv"
    summary: str = "results.json"


@dataclass(frozen=True)
class Documents:
    report: str = "report.pdf"
    download: str = "finetune/sources/download.py"


@dataclass(frozen=True)
class Run:
    """Commands that the grader may run. We only check their form; our own programs do not use them."""

    predict: tuple[str, ...] = ()
    preprocess: tuple[str, ...] = ()
    train: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deadline:
    """A local time, such as "2020-11-10 23:59", in a time zone, such as "Europe/Budapest"."""

    at: str
    zone: str

    def moment(self) -> datetime.datetime:
        """The last second that is in time: 23:59 means through 23:59:59."""
        try:
            zone = zoneinfo.ZoneInfo(self.zone)
            local = datetime.datetime.strptime(self.at, "%Y-%m-%d %H:%M")
        except (ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
            raise Problem(
                f"{FILE}: [deadline]: {error}; "
                'write for example at = "2020-11-10 23:59" and zone = "Europe/Budapest"'
            ) from error
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
    log: Log = field(default_factory=Log)
    results: Results = field(default_factory=Results)
    documents: Documents = field(default_factory=Documents)
    run: Run = field(default_factory=Run)
    deadline: Deadline | None = None
    receipt: Receipt = field(default_factory=Receipt)

    @property
    def seed(self) -> int:
        """Everything random starts from this number, so no two students share their images or draws."""
        return int(hashlib.sha256((self.student + self.assignment).encode()).hexdigest()[:8], 16)


def read(path: Path = FILE) -> Submission:
    """The submission that a file describes. Raises Problem, naming the file and the key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Problem(f"{path} is not here; run the command in the folder that holds it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(
            f"{path} cannot be read as TOML: {error}; texts stand in quotation marks, lists in brackets, "
            'such as student = "ABC123"'
        ) from error
    submission = typing.cast(Submission, _record(Submission, table, f"{path}:"))
    _check(submission, path)
    return submission


def _record(cls: type, table: dict[str, Any], where: str) -> object:
    """Turn a TOML table into the record `cls`, whose fields are the keys that may stand in it."""
    kinds = typing.get_type_hints(cls)
    for key in table:
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"known keys: {', '.join(kinds)}"
            raise Problem(f"{where} {key}: there is no such key; {hint}")
    for needed in dataclasses.fields(cls):
        optional = (
            needed.default is not dataclasses.MISSING or needed.default_factory is not dataclasses.MISSING
        )
        if needed.name not in table and not optional:
            raise Problem(f"{where} {needed.name} is missing; add it")
    return cls(**{key: _value(kinds[key], value, where, key) for key, value in table.items()})


def _value(kind: Any, value: object, where: str, key: str) -> object:
    """Check one value against the type that its field declares."""
    if isinstance(kind, types.UnionType):  # `Deadline | None`: if the key is there, it is a Deadline
        kind = typing.get_args(kind)[0]
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise Problem(f"{where} {key} is {value!r}; it should be a table, written [{key}]")
        return _record(typing.cast(type, kind), value, f"{where} [{key}]")
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Problem(
                f'{where} {key} is {value!r}; it should be a list of texts, such as ["Coffee", "Dog"]'
            )
        return tuple(value)
    if type(value) is not kind:  # not isinstance: True would pass as an int
        wanted = {str: 'a text in quotation marks, such as "hw4"', int: "a whole number"}[kind]
        raise Problem(f"{where} {key} is {value!r}; it should be {wanted}")
    return value


def _check(submission: Submission, path: Path) -> None:
    """What a type cannot say."""
    if submission.schema != 1:
        raise Problem(f"{path}: schema is {submission.schema}; these programs know schema 1")
    if len(submission.classes) < 2 or len(set(submission.classes)) != len(submission.classes):
        raise Problem(
            f"{path}: classes is {list(submission.classes)}; it should name two or more different classes"
        )
    if min(submission.data.counts.values()) < 1:
        raise Problem(f"{path}: [data] train, val and test should each be 1 or more")
    _one_of(f"{path}: [data] source", submission.data.source, ("openimages", "digits", "folder"))
    _one_of(f"{path}: [model] library", submission.model.library, ("torchvision", "timm"))


def _one_of(where: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        near = difflib.get_close_matches(value, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        raise Problem(f'{where} is "{value}", which these programs do not know; {hint}')
