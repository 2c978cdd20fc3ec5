"""A TOML table as a record: its fields are the keys that may stand there, with values of their types."""

import dataclasses
import difflib
import types
import typing
from typing import Any

from finetune.parts.problem import Problem

# Examples that fit the key; for the others, one that fits the type.
EXAMPLES = {
    "assignment": '"hw4"',
    "student": '"ABC123"',
    "classes": '["Coffee", "Dog"]',
    "backbone": '"resnet50"',
    "weights": '"IMAGENET1K_V2"',
    "library": '"torchvision"',
    "source": '"openimages"',
    "splits": '"data/splits.csv"',
    "folder": '"my_photos"',
    "mirror": '"http://localhost:8000"',
    "upper_layers": '["layer4"]',
    "head": "[256]",
    "paths": '["logs/train.jsonl"]',
    "at": '"2020-11-10 23:59"',
    "zone": '"Europe/Budapest"',
    "report": '"report.pdf"',
    "predictions": '"predictions.csv"',
}
KINDS = {
    str: ("a text in quotation marks", '"text"'),
    int: ("a whole number", "5"),
    float: ("a number", "0.2"),
    (str,): ("a list of texts", '["one", "two"]'),
    (int,): ("a list of whole numbers", "[256]"),
}


def record(cls: type, table: dict[str, Any], where: str) -> object:
    """The record `cls` that a table describes. Raises Problem, naming the place."""
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


def one_of(where: str, value: str, known: tuple[str, ...]) -> None:
    """Raises Problem where a text is none of those that are known."""
    if value not in known:
        near = difflib.get_close_matches(value, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        raise Problem(f'{where} is "{value}", which these programs do not know; {hint}')


def _value(kind: Any, value: object, where: str, key: str) -> object:
    """Check one value against the type that its field declares."""
    if isinstance(kind, types.UnionType):  # `Deadline | None`: if the key is there, it is a Deadline
        kind = typing.get_args(kind)[0]
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise Problem(f"{where} {key} is {value!r}; it should be a table, written [{key}]")
        return record(typing.cast(type, kind), value, f"{where} [{key}]")
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        if not isinstance(value, list) or not all(type(each) is inner for each in value):
            raise _wrong((inner,), value, where, key)
        return tuple(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # not isinstance: True would pass as an int
        raise _wrong(kind, value, where, key)
    return value


def _wrong(kind: Any, value: object, where: str, key: str) -> Problem:
    wanted, example = KINDS[kind]
    return Problem(f"{where} {key} is {value!r}; it should be {wanted}, such as {EXAMPLES.get(key, example)}")
