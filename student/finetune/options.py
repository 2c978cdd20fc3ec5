"""Settings from the command line: one option for each field of a record, such as --epochs-head 2."""

import argparse
import dataclasses
from typing import TypeVar

Settings = TypeVar("Settings")


def read(settings: type[Settings], description: str) -> Settings:
    """The record with its defaults, but for what the command line changes. "fresh" stands for 0."""
    parser = argparse.ArgumentParser(description=description)
    for setting in dataclasses.fields(settings):
        option = "--" + setting.name.replace("_", "-")
        if setting.type is bool:
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(
                option,
                type=lambda text, kind=setting.type: kind("0" if text == "fresh" else text),
                default=setting.default,
                help="default: %(default)s",
            )
    return settings(**vars(parser.parse_args()))
