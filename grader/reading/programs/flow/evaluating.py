"""What expressions and assignments make of things."""

import ast
import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.reading.programs.constants import UNKNOWN, calculated
from grader.reading.programs.flow import calling
from grader.reading.programs.flow.things import Frame, Thing, joined

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

BUILTINS = frozenset(dir(builtins))
NOTEBOOK = frozenset({"display", "get_ipython", "__file__", "__name__", "In", "Out", "spark", "dbutils"})
MOST = 500  # elements of a list that is followed, characters of a text
LARGEST = 1e12


def value(run: "Run", node: ast.expr, frame: Frame) -> Thing:
    run.steps.take()
    match node:
        case ast.Constant(value=constant):
            return Thing(constant=constant)
        case ast.Name(id=name):
            return _name(run, node, name, frame)
        case ast.Attribute(value=inner, attr=name):
            return attribute(run, value(run, inner, frame), name)
        case ast.Call():
            return calling.call(run, node, frame)
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            return _several(run, elts, frame)
        case ast.Dict(keys=keys, values=values):
            return _dictionary(run, keys, values, frame)
        case ast.BinOp(left=left, op=op, right=right):
            return _operation(value(run, left, frame), op, value(run, right, frame))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = value(run, operand, frame)
            return Thing(of=[inner], constant=calculated(ast.Mult(), inner.constant, -1))
        case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
            known = truth(run, node, frame)
            return Thing(of=_children(run, node, frame), constant=UNKNOWN if known is None else known)
        case ast.Subscript():
            return _subscript(run, node, frame)
    return _rare(run, node, frame)


def _rare(run: "Run", node: ast.expr, frame: Frame) -> Thing:
    match node:
        case ast.IfExp(test=test, body=body, orelse=other):
            known = truth(run, test, frame)
            if known is not None:
                return value(run, body if known else other, frame)
            return joined([value(run, body, frame), value(run, other, frame)])
        case ast.Lambda():
            thing = Thing(node)
            thing.code, thing.scope = node, frame
            return thing
        case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.GeneratorExp(elt=elt):
            return _comprehended(run, node, None, elt, frame)
        case ast.DictComp(key=key, value=elt):
            return _comprehended(run, node, key, elt, frame)
        case ast.NamedExpr(target=target, value=inner):
            found = value(run, inner, frame)
            bind(run, target, found, frame)
            return found
        case ast.Starred(value=inner) | ast.Await(value=inner) | ast.YieldFrom(value=inner):
            return value(run, inner, frame)
        case ast.Yield(value=ast.expr() as inner):
            frame.returned.append(value(run, inner, frame))
    return Thing(of=_children(run, node, frame))


def _children(run: "Run", node: ast.AST, frame: Frame) -> list[Thing]:
    return [value(run, each, frame) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]


def _name(run: "Run", node: ast.expr, name: str, frame: Frame) -> Thing:
    found = frame.find(name)
    if found is not None:
        return found
    if name in BUILTINS or name in NOTEBOOK:
        return Thing(name=f"builtins.{name}")
    star = frame.find("*")
    if star is not None:
        return Thing(name=f"{star.name}.{name}")
    return Thing(lost=f"{name} ({run.place(node, frame)})")


def attribute(run: "Run", owner: Thing, name: str) -> Thing:
    """A field, a method bound to its object, what a library's module has, or a view of an unknown object."""
    if owner.choices:
        return joined([attribute(run, each, name) for each in owner.choices])
    if name in owner.parts:
        return owner.parts[name]
    if owner.kind is not None:
        method = class_member(owner.kind, name)
        if method is not None:
            return _bound(run, owner, method)
    if owner.name:
        return Thing(name=f"{owner.name}.{name}")
    view = owner.parts[name] = Thing(of=[owner])
    view.label = name
    return view


def class_member(kind: Thing, name: str, depth: int = 6) -> Thing | None:
    if name in kind.parts:
        return kind.parts[name]
    bases = [each for each in kind.of if isinstance(each.code, ast.ClassDef)] if depth else []
    found = (class_member(each, name, depth - 1) for each in bases)
    return next((each for each in found if each is not None), None)


def _bound(run: "Run", owner: Thing, method: Thing) -> Thing:
    if not isinstance(method.code, ast.FunctionDef | ast.AsyncFunctionDef):
        return method
    decorators = {ast.unparse(each) for each in method.code.decorator_list}
    if "staticmethod" in decorators:
        return method
    bound = Thing(*method.nodes)
    bound.code, bound.scope, bound.owner = method.code, method.scope, owner
    if decorators & {"property", "cached_property", "functools.cached_property"}:
        return calling.own(run, bound, [], {}, None)
    return bound


def _several(run: "Run", elts: Sequence[ast.expr], frame: Frame) -> Thing:
    thing = Thing()
    for index, each in enumerate(elts):
        found = value(run, each, frame)
        if isinstance(each, ast.Starred):
            inner = elements(run, found, 200)
            for element_ in inner if inner is not None else [found]:
                thing.parts[len(thing.parts)] = element_
        else:
            thing.parts[max(index, len(thing.parts))] = found
    constants = [each.constant for each in thing.parts.values()]
    thing.constant = UNKNOWN if any(each is UNKNOWN for each in constants) else tuple(constants)
    return thing


def _dictionary(
    run: "Run", keys: Sequence[ast.expr | None], values: Sequence[ast.expr], frame: Frame
) -> Thing:
    thing = Thing()
    for key, each in zip(keys, values, strict=True):
        found = value(run, each, frame)
        constant = value(run, key, frame).constant if key else UNKNOWN
        if isinstance(constant, str | int):
            thing.parts[constant] = found
        else:
            thing.of.append(found)
    return thing


def _operation(left: Thing, op: ast.operator, right: Thing) -> Thing:
    if isinstance(op, ast.Add) and _is_list(left) and _is_list(right) and len(left.parts) + len(right.parts) < MOST:
        both = Thing()
        both.parts = dict(enumerate([*left.parts.values(), *right.parts.values()]))
        return both
    return Thing(of=[left, right], constant=_calculated(left.constant, op, right.constant))


def _calculated(left: object, op: ast.operator, right: object) -> object:
    """Hostile constants double with each line: what is longer, or larger, than any real one is unknown."""
    return calculated(op, left, right) if _is_small(left) and _is_small(right) else UNKNOWN


def _is_small(value: object) -> bool:
    if isinstance(value, str | tuple):
        return len(value) < MOST
    return not isinstance(value, int | float) or abs(value) < LARGEST


def _is_list(thing: Thing) -> bool:
    return not thing.nodes and not thing.of and all(isinstance(key, int) for key in thing.parts)


def _subscript(run: "Run", node: ast.Subscript, frame: Frame) -> Thing:
    owner = value(run, node.value, frame)
    if isinstance(node.slice, ast.Slice):
        ends = [value(run, each, frame).constant if each else None for each in
                (node.slice.lower, node.slice.upper, node.slice.step)]  # fmt: skip
        run.use("slice", node, frame, owner=(owner,), constant=tuple(ends))
        return _cut(owner, ends)
    key = value(run, node.slice, frame).constant
    if isinstance(key, int) and -len(owner.parts) <= key < 0 and _is_list(owner):
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
    if owner.parts and _is_list(owner) and UNKNOWN not in ends:
        cut = Thing()
        try:
            cut.parts = dict(enumerate([*owner.parts.values()][slice(*ends)]))
        except (TypeError, ValueError):
            return Thing(of=[owner])
        return cut
    return Thing(of=[owner])


def elements(run: "Run", thing: Thing, most: int) -> list[Thing] | None:
    """The elements where all are known and few: of a list that is written out, or of a text's constants."""
    if isinstance(thing.constant, tuple) and len(thing.constant) <= most and not thing.parts:
        return [Thing(constant=each) for each in thing.constant]
    known = thing.parts and not thing.of and not thing.choices and not thing.kind and not thing.name
    if known and _is_list(thing) and len(thing.parts) <= most:
        return [*thing.parts.values()]
    if known and all(isinstance(key, str) for key in thing.parts) and len(thing.parts) <= most and not thing.nodes:
        return [Thing(constant=key) for key in thing.parts]  # the keys of a dictionary
    return None


def element(run: "Run", thing: Thing) -> Thing:
    """Any one of the elements."""
    calling.touch(run, thing)
    if _is_list(thing) and thing.parts:
        return joined(thing.parts.values())
    return Thing(of=[thing])


def _comprehended(
    run: "Run",
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    key: ast.expr | None,
    elt: ast.expr,
    frame: Frame,
) -> Thing:
    first, *others = node.generators
    inner = Frame(frame)
    iterated = value(run, first.iter, frame)
    known = elements(run, iterated, 12) if not others and not first.ifs else None
    thing = Thing()
    for each in known if known is not None else [element(run, iterated)]:
        bind(run, first.target, each, inner)
        for other in others:
            bind(run, other.target, element(run, value(run, other.iter, inner)), inner)
        for test in (test for generator in node.generators for test in generator.ifs):
            value(run, test, inner)
        named = value(run, key, inner).constant if key else len(thing.parts)
        found = value(run, elt, inner)
        if known is not None and isinstance(named, str | int):
            thing.parts[named] = found
        else:
            thing.of.append(found)
    return thing


def assignment(run: "Run", statement: ast.Assign | ast.AnnAssign | ast.AugAssign, frame: Frame) -> None:
    if isinstance(statement, ast.AugAssign):
        _augmented(run, statement, frame)
        return
    if statement.value is None:
        return
    found = value(run, statement.value, frame)
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Attribute):
            owner = value(run, target.value, frame)
            run.use("field", statement, frame, owner=(owner,), given=(found,), what=target.attr,
                    constant=found.constant)  # fmt: skip
        elif isinstance(target, ast.Name):
            run.use("name", statement, frame, given=(found,), what=target.id)
        bind(run, target, found, frame)


def _augmented(run: "Run", statement: ast.AugAssign, frame: Frame) -> None:
    """`steps += [x]` makes the list longer that others hold, too."""
    before, more = value(run, statement.target, frame), value(run, statement.value, frame)
    after = _operation(before, statement.op, more)
    if _is_list(before) and _is_list(more) and isinstance(statement.op, ast.Add) and before.parts:
        before.parts, before.constant = after.parts, UNKNOWN
        return
    bind(run, statement.target, after, frame)


def bind(run: "Run", target: ast.expr, found: Thing, frame: Frame) -> None:
    match target:
        case ast.Name(id=name):
            frame.put(name, found)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            for index, each in enumerate(elts):
                bind(run, each, _unpacked(found, index), frame)
        case ast.Starred(value=inner):
            bind(run, inner, Thing(of=[found]), frame)
        case ast.Attribute(value=inner, attr=name):
            for owner in _each(value(run, inner, frame)):
                owner.parts[name] = found
        case ast.Subscript(value=inner, slice=key):
            constant = value(run, key, frame).constant if not isinstance(key, ast.Slice) else UNKNOWN
            for owner in _each(value(run, inner, frame)):
                owner.constant = UNKNOWN
                if isinstance(constant, str | int) and owner is not found:
                    owner.parts[constant] = found
                elif owner is not found:
                    owner.of.append(found)


def _each(thing: Thing) -> Sequence[Thing]:
    return thing.choices or (thing,)


def _unpacked(found: Thing, index: int) -> Thing:
    if found.choices:
        return joined([_unpacked(each, index) for each in found.choices])
    if isinstance(found.constant, tuple) and index < len(found.constant) and index not in found.parts:
        return Thing(of=[found], constant=found.constant[index])
    return found.parts.get(index) or Thing(of=[found])


def truth(run: "Run", test: ast.expr, frame: Frame) -> bool | None:
    """Whether a condition holds; None where nothing says so."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(run, operand, frame)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            known = [truth(run, each, frame) for each in values]
            decisive = isinstance(op, ast.Or)
            if decisive in known:
                return decisive
            return None if None in known else not decisive
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(run, left, op, right, frame)
    found = value(run, test, frame)
    if found.constant is not UNKNOWN:
        return bool(found.constant)
    return True if found.code is not None or found.kind is not None else None


def _compared(run: "Run", left: ast.expr, op: ast.cmpop, right: ast.expr, frame: Frame) -> bool | None:
    one, other = value(run, left, frame), value(run, right, frame)
    if isinstance(left, ast.Name) and left.id == "__name__":
        return True
    if isinstance(op, ast.Is | ast.IsNot) and other.constant is None and one.constant is UNKNOWN:
        is_object = bool(one.code or one.kind or one.nodes) and not one.choices
        return isinstance(op, ast.IsNot) if is_object else None
    if one.constant is UNKNOWN or other.constant is UNKNOWN:
        return None
    try:
        return _holds(op, one.constant, other.constant)
    except TypeError:
        return None


def _holds(op: ast.cmpop, one: object, other: object) -> bool | None:
    match op:
        case ast.Eq() | ast.Is():
            return one == other
        case ast.NotEq() | ast.IsNot():
            return one != other
        case ast.In() if isinstance(other, tuple | str):
            return one in other  # type: ignore[operator]
        case ast.NotIn() if isinstance(other, tuple | str):
            return one not in other  # type: ignore[operator]
    if isinstance(one, int | float) and isinstance(other, int | float):
        return {ast.Lt: one < other, ast.LtE: one <= other, ast.Gt: one > other, ast.GtE: one >= other}.get(type(op))
    return None
