"""Settings from the command line: one option for each field of a record, such as --epochs-head 2."""

import argparse
import dataclasses
import difflib
import functools
from typing import Any, NoReturn, TypeVar

from finetune.parts.problem import Problem

Settings = TypeVar("Settings")
NUMBERS = {int: "a whole number, such as 5", float: "a number, such as 0.001"}


class Parser(argparse.ArgumentParser):
    """Complains in one sentence, as all programs here do."""

    def error(self, message: str) -> NoReturn:
        raise Problem(f"{message}; the option --help lists all settings")


def read(settings: type[Settings], description: str) -> Settings:
    """The record with its defaults, but for what the command line changes.

    The metadata of a field names the words that may stand for a number, such as {"fresh": 0}.
    """
    parser = Parser(description=description)
    for setting in dataclasses.fields(settings):
        if setting.type is bool:
            parser.add_argument(option(setting.name), action="store_true")
        else:
            parser.add_argument(
                option(setting.name),
                type=functools.partial(_number, setting),
                default=setting.default,
                metavar=" | ".join(["NUMBER", *setting.metadata]),
                help="default: %(default)s",
            )
    chosen, unknown = parser.parse_known_args()
    if unknown:
        known = [option(setting.name) for setting in dataclasses.fields(settings)]
        near = difflib.get_close_matches(unknown[0], known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise Problem(f"there is no setting {unknown[0]}; {hint}")
    return settings(**vars(chosen))


def option(name: str) -> str:
    """How a field is called on the command line."""
    return "--" + name.replace("_", "-")


def _number(setting: "dataclasses.Field[Any]", text: str) -> int | float:
    if text in setting.metadata:
        return setting.metadata[text]
    kind = setting.type
    try:
        return kind(text)
    except ValueError as error:
        wanted = " or ".join([NUMBERS[kind], *setting.metadata])
        raise Problem(f'{option(setting.name)} is "{text}"; it should be {wanted}') from error
