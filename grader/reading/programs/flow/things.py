"""What a name holds while a program is followed: not its value, but what the value was made from."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, NamedTuple

from grader.reading.programs.constants import UNKNOWN

CHOICES = 6  # values that one name may hold after branches


class Thing:
    """One object of the program, whatever it is. Two names for one object hold one Thing.

    `nodes` are the calls and functions that made it, `of` what these were given, `parts` its fields, keys and
    elements. `label` is the field of the object before it that a view shows, `made` the dotted name of the
    library's function that made it. `name` is the dotted name of what a library defines. `code` is an own
    function or class, `owner` the object that a method belongs to, `kind` the own class of an instance.
    `choices` are the things of which branches choose one. `lost` names what could not be followed, with its
    place.
    """

    __slots__ = (
        "choices",
        "code",
        "constant",
        "kind",
        "label",
        "lost",
        "made",
        "name",
        "nodes",
        "of",
        "owner",
        "parts",
        "scope",
        "touched",
    )

    def __init__(
        self,
        *nodes: ast.AST,
        of: "Iterable[Thing]" = (),
        name: str = "",
        constant: Any = UNKNOWN,
        lost: str = "",
    ) -> None:
        self.nodes = nodes
        self.of = list(of)
        self.parts: dict[Any, Thing] = {}
        self.name = name
        self.label = ""
        self.made = ""
        self.constant = constant
        self.lost = lost
        self.code: ast.AST | None = None
        self.scope: Frame | None = None
        self.owner: Thing | None = None
        self.kind: Thing | None = None
        self.choices: tuple[Thing, ...] = ()
        self.touched = False


class Given(NamedTuple):
    """The arguments of a call."""

    placed: Sequence[Thing] = ()
    named: Mapping[str, Thing] = MappingProxyType({})

    @property
    def all(self) -> tuple[Thing, ...]:
        return (*self.placed, *self.named.values())


class Frame:
    """The names of one call of a function, of a class's body, or of a module."""

    path: str

    def __init__(self, around: "Frame | None" = None, path: str = "", function: str = "") -> None:
        self.names: dict[str, Thing] = {}
        self.around = around
        self.path = path or (around.path if around else "")
        self.function = function
        self.returned: list[Thing] = []
        self.outside: set[str] = set()  # names that `global` or `nonlocal` declares

    def find(self, name: str) -> Thing | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.around
        return None

    def put(self, name: str, thing: Thing) -> None:
        frame = self
        while name in self.outside and frame.around is not None:
            frame = frame.around
        frame.names[name] = thing


def joined(things: Iterable[Thing]) -> Thing:
    """What a name holds after branches that leave different things in it."""
    several = {id(each): each for thing in things for each in (thing.choices or (thing,))}
    if len(several) == 1:
        return next(iter(several.values()))
    kept = tuple(several.values())[:CHOICES]
    constants = [each.constant for each in kept]
    same = bool(constants) and all(
        type(each) is type(constants[0]) and each == constants[0] for each in constants
    )
    either = Thing(of=several.values(), constant=constants[0] if same else UNKNOWN)
    either.choices = kept
    return either


class Reached:
    """All that something was made from: the things, their calls and functions, and what was lost.

    A name that is lost counts where it is called, or is itself asked for: not where it is a mere number.
    Of what a node of `stops` made only that node counts, not what that was made from.
    """

    def __init__(
        self, things: Iterable[Thing], spend: Callable[[int], None], stops: Set[int] = frozenset()
    ) -> None:
        self.things: dict[int, Thing] = {}
        self.nodes: set[int] = set()
        self.lost: dict[str, None] = {}
        self._spend = spend
        self._stops = stops
        first = list(things)
        chosen = self._follow(first, set(map(id, first)))
        self.sure = frozenset(self.nodes)  # whatever branches decide
        while chosen:
            chosen = self._follow(chosen, set())

    @property
    def calls(self) -> list[ast.Call]:
        nodes = (node for thing in self.things.values() for node in thing.nodes)
        return [node for node in nodes if isinstance(node, ast.Call)]

    def _follow(self, waiting: list[Thing], first: set[int]) -> list[Thing]:
        """Follows all but what branches choose from; that is returned."""
        chosen: list[Thing] = []
        while waiting:
            thing = waiting.pop()
            if id(thing) in self.things:
                continue
            self._spend(1)
            self.things[id(thing)] = thing
            self.nodes.update(map(id, thing.nodes))
            if thing.lost and (thing.nodes or id(thing) in first):
                self.lost[thing.lost] = None
            if self._stops and any(id(node) in self._stops for node in thing.nodes):
                continue
            (chosen if thing.choices else waiting).extend(thing.of)
            waiting += thing.parts.values()
            waiting += [thing.owner] if thing.owner else []
        return chosen
