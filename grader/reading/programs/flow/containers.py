"""Lists, tuples, dictionaries and what is taken out of them."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.reading.programs.constants import UNKNOWN, calculated
from grader.reading.programs.flow import calling, evaluating
from grader.reading.programs.flow.things import Frame, Thing, joined

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

MOST = 500  # elements of a list that is followed, characters of a text
LARGEST = 1e12


def several(run: "Run", elts: Sequence[ast.expr], frame: Frame) -> Thing:
    thing = Thing()
    for index, each in enumerate(elts):
        found = evaluating.value(run, each, frame)
        if isinstance(each, ast.Starred):
            inner = elements(found, 200)
            for element_ in inner if inner is not None else [found]:
                thing.parts[len(thing.parts)] = element_
        else:
            thing.parts[max(index, len(thing.parts))] = found
    constants = [each.constant for each in thing.parts.values()]
    thing.constant = UNKNOWN if any(each is UNKNOWN for each in constants) else tuple(constants)
    return thing


def dictionary(
    run: "Run", keys: Sequence[ast.expr | None], values: Sequence[ast.expr], frame: Frame
) -> Thing:
    thing = Thing()
    for key, each in zip(keys, values, strict=True):
        found = evaluating.value(run, each, frame)
        constant = evaluating.value(run, key, frame).constant if key else UNKNOWN
        if isinstance(constant, str | int):
            thing.parts[constant] = found
        else:
            thing.of.append(found)
    return thing


def operation(left: Thing, op: ast.operator, right: Thing) -> Thing:
    if (
        isinstance(op, ast.Add)
        and is_list(left)
        and is_list(right)
        and len(left.parts) + len(right.parts) < MOST
    ):
        both = Thing()
        both.parts = dict(enumerate([*left.parts.values(), *right.parts.values()]))
        return both
    result = Thing(of=[left, right], constant=_calculated(left.constant, op, right.constant))
    if isinstance(op, ast.Div) and isinstance(right.constant, str):
        result.made = "pathlib.Path"
    return result


def _calculated(left: object, op: ast.operator, right: object) -> object:
    """Hostile constants double with each line: what is longer, or larger, than any real one is unknown."""
    return calculated(op, left, right) if _is_small(left) and _is_small(right) else UNKNOWN


def _is_small(value: object) -> bool:
    if isinstance(value, str | tuple):
        return len(value) < MOST
    return not isinstance(value, int | float) or abs(value) < LARGEST


def is_list(thing: Thing) -> bool:
    return not thing.nodes and not thing.of and all(isinstance(key, int) for key in thing.parts)


def subscript(run: "Run", node: ast.Subscript, frame: Frame) -> Thing:
    owner = evaluating.value(run, node.value, frame)
    if isinstance(node.slice, ast.Slice):
        ends = [
            evaluating.value(run, each, frame).constant if each else None
            for each in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        run.use("slice", node, frame, owner=(owner,), constant=tuple(ends))
        return _cut(owner, ends)
    key = evaluating.value(run, node.slice, frame).constant
    if isinstance(key, int) and -len(owner.parts) <= key < 0 and is_list(owner):
        key += len(owner.parts)
    if owner.choices:
        return joined([_item(run, each, key) for each in owner.choices])
    return _item(run, owner, key)


def _item(run: "Run", owner: Thing, key: object) -> Thing:
    if isinstance(key, str | int) and key in owner.parts:
        return owner.parts[key]
    if owner.parts and not owner.nodes and not isinstance(key, str | int):
        return joined([*owner.parts.values(), *owner.of])
    calling.touch(run, owner)
    return Thing(of=[owner])


def _cut(owner: Thing, ends: list[object]) -> Thing:
    if owner.parts and is_list(owner) and UNKNOWN not in ends:
        cut = Thing()
        try:
            cut.parts = dict(enumerate([*owner.parts.values()][slice(*ends)]))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return Thing(of=[owner])
        return cut
    return Thing(of=[owner])


def elements(thing: Thing, most: int) -> list[Thing] | None:
    """The elements where all are known and few: of a list that is written out, or of a text's constants."""
    if isinstance(thing.constant, tuple) and len(thing.constant) <= most and not thing.parts:
        return [Thing(constant=each) for each in thing.constant]
    known = thing.parts and not thing.of and not thing.choices and not thing.kind and not thing.name
    if known and is_list(thing) and len(thing.parts) <= most:
        return [*thing.parts.values()]
    if (
        known
        and all(isinstance(key, str) for key in thing.parts)
        and len(thing.parts) <= most
        and not thing.nodes
    ):
        return [Thing(constant=key) for key in thing.parts]  # the keys of a dictionary
    return None


def element(run: "Run", thing: Thing) -> Thing:
    """Any one of the elements."""
    calling.touch(run, thing)
    if is_list(thing) and thing.parts:
        return joined(thing.parts.values())
    return Thing(of=[thing])


def comprehended(
    run: "Run",
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    key: ast.expr | None,
    elt: ast.expr,
    frame: Frame,
) -> Thing:
    first, *others = node.generators
    inner = Frame(frame)
    iterated = evaluating.value(run, first.iter, frame)
    known = elements(iterated, 12) if not others and not first.ifs else None
    thing = Thing()
    for each in known if known is not None else [element(run, iterated)]:
        evaluating.bind(run, first.target, each, inner)
        for other in others:
            evaluating.bind(run, other.target, element(run, evaluating.value(run, other.iter, inner)), inner)
        for test in (test for generator in node.generators for test in generator.ifs):
            evaluating.value(run, test, inner)
        named = evaluating.value(run, key, inner).constant if key else len(thing.parts)
        found = evaluating.value(run, elt, inner)
        if known is not None and isinstance(named, str | int):
            thing.parts[named] = found
        else:
            thing.of.append(found)
    return thing
