"""Settings from the command line: one option for each field of a record, such as --epochs-head 2."""

import argparse
import dataclasses
import difflib
import functools
import math
import sys
from typing import Any, NoReturn, TypeVar

from finetune.parts.problem import Problem

Settings = TypeVar("Settings")
NUMBERS = {int: "a whole number, such as 5", float: "a number, such as 0.001"}
# What people type, and what is meant: the second phase is the one that one tunes.
ALSO = {
    "--epochs": "--epochs-upper",
    "--lr": "--learning-rate-upper",
    "--learning-rate": "--learning-rate-upper",
    "--lr-head": "--learning-rate-head",
    "--lr-upper": "--learning-rate-upper",
    "--batch": "--batch-size",
    "--wd": "--weight-decay",
}


class Parser(argparse.ArgumentParser):
    """Complains in one sentence, as all programs here do."""

    def error(self, message: str) -> NoReturn:
        raise Problem(f"{message}; the option --help lists all settings")


def read(settings: type[Settings], description: str) -> Settings:
    """The record with its defaults, but for what the command line changes.

    The metadata of a number names the words that may stand for it, such as {"fresh": 0}; that of a text, the
    texts that are known.
    """
    parser = Parser(description=description)
    for setting in dataclasses.fields(settings):
        if setting.type is bool:
            parser.add_argument(option(setting.name), action="store_true")
        else:
            kind = "NAME" if setting.type is str else "NUMBER"
            parser.add_argument(
                option(setting.name),
                type=functools.partial(_value, setting),
                default=setting.default,
                metavar=" | ".join([kind, *setting.metadata]),
                help="default: %(default)s",
            )
    chosen, unknown = parser.parse_known_args(_typed())
    if unknown:
        known = [option(setting.name) for setting in dataclasses.fields(settings)]
        near = difflib.get_close_matches(unknown[0], known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise Problem(f"there is no setting {unknown[0]}; {hint}")
    return settings(**vars(chosen))


def require(
    settings: object, at_least: dict[str, int], positive: tuple[str, ...], below_one: tuple[str, ...]
) -> None:
    """Raises Problem where a number is not what these say."""
    for name, value in vars(settings).items():
        wanted = ""
        if name in at_least and not at_least[name] <= value < math.inf:
            wanted = '1 or more, or "fresh"' if name == "views" else f"{at_least[name]} or more"
        elif name in positive and not 0 < value < math.inf:
            wanted = "more than 0"
        elif name in below_one and not value < 1:
            wanted = "less than 1"
        if wanted:
            raise Problem(f"{option(name)} is {value}; it should be {wanted}")


def option(name: str) -> str:
    """How a field is called on the command line."""
    return "--" + name.replace("_", "-")


def _typed() -> list[str]:
    """The command line. That of a notebook is for its kernel, not for us."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        return []
    words = []
    for word in sys.argv[1:]:
        name, equals, value = word.partition("=")
        if name in ALSO:
            print(f"{name} is taken for {ALSO[name]}: each of the two phases has its own.")
        words.append(ALSO.get(name, name) + equals + value)
    return words


def _value(setting: "dataclasses.Field[Any]", text: str) -> int | float | str:
    if setting.type is str:
        named = {name.casefold(): name for name in setting.metadata}
        if text.casefold() not in named:
            known = ", ".join(setting.metadata)
            raise Problem(f'{option(setting.name)} is "{text}"; it should be one of {known}')
        return named[text.casefold()]
    if text in setting.metadata:
        return setting.metadata[text]
    kind = setting.type
    try:
        return kind(text.replace(",", ".") if kind is float else text)
    except ValueError as error:
        wanted = " or ".join([NUMBERS[kind], *setting.metadata])
        raise Problem(f'{option(setting.name)} is "{text}"; it should be {wanted}') from error
