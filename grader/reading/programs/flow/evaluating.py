"""What expressions and assignments make of things."""

import ast
import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.reading.programs.constants import UNKNOWN, calculated
from grader.reading.programs.flow import calling, conditions, containers
from grader.reading.programs.flow.things import Frame, Given, Thing, joined

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

BUILTINS = frozenset(dir(builtins))
NOTEBOOK = frozenset({"display", "get_ipython", "__file__", "__name__", "In", "Out", "spark", "dbutils"})


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
            return containers.several(run, elts, frame)
        case ast.Dict(keys=keys, values=values):
            return containers.dictionary(run, keys, values, frame)
        case ast.BinOp(left=left, op=op, right=right):
            return containers.operation(value(run, left, frame), op, value(run, right, frame))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            negated = value(run, operand, frame)
            return Thing(of=[negated], constant=calculated(ast.Mult(), negated.constant, -1))
        case ast.Subscript():
            return containers.subscript(run, node, frame)
    return _rare(run, node, frame)


def _rare(run: "Run", node: ast.expr, frame: Frame) -> Thing:
    match node:
        case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
            known = conditions.truth(run, node, frame)
            return Thing(of=_children(run, node, frame), constant=UNKNOWN if known is None else known)
        case ast.IfExp(test=test, body=body, orelse=other):
            known = conditions.truth(run, test, frame)
            if known is not None:
                return value(run, body if known else other, frame)
            return joined([value(run, body, frame), value(run, other, frame)])
        case ast.Lambda():
            thing = Thing(node)
            thing.code, thing.scope = node, frame
            return thing
        case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.GeneratorExp(elt=elt):
            return containers.comprehended(run, node, None, elt, frame)
        case ast.DictComp(key=key, value=elt):
            return containers.comprehended(run, node, key, elt, frame)
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
    bound = calling.bound(method, owner)
    if decorators & {"property", "cached_property", "functools.cached_property"}:
        return calling.own(run, bound, Given(), None)
    return bound


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
            run.use(
                "field",
                statement,
                frame,
                owner=(owner,),
                given=(found,),
                what=target.attr,
                constant=found.constant,
            )
        elif isinstance(target, ast.Name):
            run.use("name", statement, frame, given=(found,), what=target.id)
        bind(run, target, found, frame)


def _augmented(run: "Run", statement: ast.AugAssign, frame: Frame) -> None:
    """`steps += [x]` makes the list longer that others hold, too."""
    before, more = value(run, statement.target, frame), value(run, statement.value, frame)
    after = containers.operation(before, statement.op, more)
    if (
        containers.is_list(before)
        and containers.is_list(more)
        and isinstance(statement.op, ast.Add)
        and before.parts
    ):
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
        case ast.Subscript():
            _bind_item(run, target, found, frame)


def _bind_item(run: "Run", target: ast.Subscript, found: Thing, frame: Frame) -> None:
    """`settings["mean"] = found`, `images[i] = found`."""
    key = target.slice
    constant = value(run, key, frame).constant if not isinstance(key, ast.Slice) else UNKNOWN
    for owner in _each(value(run, target.value, frame)):
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
