"""Small programs that train a network, written from a random plan whose truth is known beforehand.

A plan is a choice for each feature; `KNOWN` are the choices that the reader was made right with, `HELD`
further ones, which only the measurement of bench/programs.py looks at.
"""

import random
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tests.reading.programs import keras_programs, torch_programs

NAMES = ("model", "net", "network", "cnn", "classifier_net", "m")

KNOWN: Mapping[str, tuple[str, ...]] = {
    "framework": ("torch", "keras"),
    "values": ("right", "right", "halves", "bytes"),
    "phases": ("two", "two", "head", "whole", "fresh", "no optimiser"),
    "steps": ("inline", "list", "function"),
    "loop": ("inline", "function"),
    "freeze": ("loop", "function", "call"),
    "decoy": ("none", "unused function", "second network"),
    "files": ("one", "module"),
}
HELD: Mapping[str, tuple[str, ...]] = {
    "steps": ("weights", "data set", "settings"),
    "loop": ("class", "nested function"),
    "freeze": ("names", "children"),
    "decoy": ("scratch first", "shown only"),
    "files": ("two scripts", "package"),
}


class Plan(Struct, frozen=True):
    framework: str
    values: str
    phases: str
    steps: str
    loop: str
    freeze: str
    decoy: str
    files: str
    name: str

    @property
    def preprocessing(self) -> str:
        return "right" if self.values == "right" else "wrong"

    @property
    def two_phases(self) -> str:
        return {"two": "yes", "no optimiser": "doubtful"}.get(self.phases, "no")


def plan(chance: random.Random, *choices: Mapping[str, Sequence[str]]) -> Plan:
    """Of each feature one of the choices that any of these has."""
    drawn = {
        key: chance.choice([each for several in choices for each in several.get(key, ())] or list(KNOWN[key]))
        for key in KNOWN
    }
    return Plan(name=chance.choice(NAMES), **drawn)


def write(wanted: Plan) -> dict[str, str]:
    """The program's files."""
    return torch_programs.write(wanted) if wanted.framework == "torch" else keras_programs.write(wanted)
