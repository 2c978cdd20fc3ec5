"""What calls make of things: own functions and classes are followed, libraries hand on what they get."""

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.flow import evaluating, libraries
from grader.reading.programs.flow.things import Frame, Given, Thing, joined

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

DEPTH = 14  # own functions that are followed into one another
# What libraries call of an object that they are given: a data set, a network, a module of Lightning.
PROTOCOL = (
    "__getitem__", "__iter__", "__next__", "__len__", "setup", "prepare_data", "train_dataloader",
    "val_dataloader", "test_dataloader", "configure_optimizers", "training_step", "validation_step",
    "test_step", "forward", "call", "__call__", "train_step", "compute_loss", "on_epoch_end",
    "on_train_epoch_end", "on_train_epoch_start", "on_epoch_begin", "__data_generation", "run", "main",
)  # fmt: skip


def call(run: "Run", node: ast.Call, frame: Frame) -> Thing:
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(frame)
    function = evaluating.value(run, node.func, frame)
    given = Given(
        [evaluating.value(run, each, frame) for each in node.args],
        {
            each.arg or f"**{at}": evaluating.value(run, each.value, frame)
            for at, each in enumerate(node.keywords)
        },
    )
    several = function.choices or (function,)
    return joined([_called(run, node, each, given, frame) for each in several[:3]])


def _called(run: "Run", node: ast.Call, function: Thing, given: Given, frame: Frame) -> Thing:
    if isinstance(function.code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return own(run, function, given, node)
    if isinstance(function.code, ast.ClassDef):
        return _instance(run, function, given, node)
    if function.kind is not None:
        run.use("apply", node, frame, owner=(function,), given=given.all)
        return _own_object(run, function, given, node)
    return libraries.call(run, node, function, given, frame)


def _own_object(run: "Run", function: Thing, given: Given, node: ast.Call) -> Thing:
    for name in ("__call__", "forward", "call"):
        method = evaluating.class_member(function.kind, name) if function.kind else None
        if method is not None and isinstance(method.code, ast.FunctionDef):
            return Thing(node, of=[function, own(run, bound(method, function), given, node)])
    return Thing(node, of=[function, *given.all])


def bound(method: Thing, owner: Thing) -> Thing:
    """A method of this object."""
    thing = Thing(*method.nodes)
    thing.code, thing.scope, thing.owner = method.code, method.scope, owner
    return thing


def own(run: "Run", function: Thing, given: Given, node: ast.Call | None) -> Thing:
    """What an own function returns."""
    code = function.code
    assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    nodes = (code, node) if node else (code,)
    run.called.add(id(code))
    if run.stack.count(id(code)) > 1 or len(run.stack) >= DEPTH:
        return Thing(*nodes, of=given.all)
    frame = Frame(function.scope, "", getattr(code, "name", ""))
    _parameters(run, function, given, frame)
    run.stack.append(id(code))
    # inside a function the loop around its call no longer says which layers are meant
    loops, run.loops = run.loops, [*run.loops, replace(run.loops[-1], over="")] if run.loops else []
    conditions, run.conditions = run.conditions, []
    if isinstance(code, ast.Lambda):
        frame.returned.append(evaluating.value(run, code.body, frame))
    else:
        run.body(code.body, frame)
    run.stack.pop()
    run.loops, run.conditions = loops, conditions
    return _result(nodes, frame.returned)


def _result(nodes: tuple[ast.AST, ...], returned: Sequence[Thing]) -> Thing:
    """An object of the function itself is handed out as it is; its way through the function is noted."""
    if not returned:
        return Thing(*nodes, constant=None)
    found = joined(returned)
    if found.constant is UNKNOWN and not found.nodes and not found.code and not found.kind and not found.name:
        found.nodes = nodes
    elif found.constant is UNKNOWN and not found.choices:
        found.nodes = (*found.nodes, *(each for each in nodes if each not in found.nodes))[:12]
    return found


def _parameters(run: "Run", function: Thing, given: Given, frame: Frame) -> None:
    code, placed, named = function.code, [*given.placed], given.named
    assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    arguments = code.args
    if function.owner is not None:
        placed.insert(0, function.owner)
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    scope = function.scope or frame
    defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
    defaults |= {
        each.arg: value
        for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value
    }
    for name in (*names, *(each.arg for each in arguments.kwonlyargs)):
        frame.names[name] = (
            named[name]
            if name in named
            else evaluating.value(run, defaults[name], scope)
            if name in defaults
            else Thing()
        )
    for name, thing in zip(names, placed, strict=False):
        frame.names[name] = thing
    _rest(
        arguments,
        placed[len(names) :],
        {key: each for key, each in named.items() if key not in frame.names},
        frame,
    )


def _rest(
    arguments: ast.arguments, placed: Sequence[Thing], named: Mapping[str, Thing], frame: Frame
) -> None:
    if arguments.vararg:
        thing = frame.names[arguments.vararg.arg] = Thing()
        thing.parts = dict(enumerate(placed))
    if arguments.kwarg:
        thing = frame.names[arguments.kwarg.arg] = Thing()
        thing.parts = dict(named)


def _instance(run: "Run", kind: Thing, given: Given, node: ast.Call) -> Thing:
    thing = Thing(node)
    thing.kind = kind
    run.called.add(id(kind.code))
    made = evaluating.class_member(kind, "__init__")
    if made is not None and isinstance(made.code, ast.FunctionDef):
        own(run, bound(made, thing), given, None)
    else:
        names = [key for key in kind.parts if not isinstance(kind.parts[key].code, ast.FunctionDef)]
        declared = _declared(kind)
        thing.parts.update(zip(declared or names, given.placed, strict=False))
        thing.parts.update(given.named)
        thing.of += given.placed
    return thing


def _declared(kind: Thing) -> list[str]:
    """The fields of a data class, in their order."""
    body = kind.code.body if isinstance(kind.code, ast.ClassDef) else []
    return [
        each.target.id
        for each in body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]


def _super(frame: Frame) -> Thing:
    """`super()`: the object itself, seen as its class's bases; what they are given becomes a part of it."""
    owner = frame.find("self") or frame.find("cls") or Thing()
    view = Thing(of=[owner])
    own_bases = [
        each for each in (owner.kind.of if owner.kind else []) if isinstance(each.code, ast.ClassDef)
    ]
    view.owner = owner
    for base in reversed(own_bases):
        for name, method in base.parts.items():
            if isinstance(method.code, ast.FunctionDef):
                view.parts[name] = bound(method, owner)
    view.constant = libraries.SUPER
    return view


def touch(run: "Run", thing: Thing) -> None:
    """An own object that a library is given, or that a loop runs over: its methods are called there."""
    for each in thing.choices or (thing,):
        if each.kind is None or each.touched:
            continue
        each.touched = True
        for name in PROTOCOL:
            method = evaluating.class_member(each.kind, name)
            if method is not None and isinstance(method.code, ast.FunctionDef):
                each.of.append(own(run, bound(method, each), Given(), None))


def touch_class(run: "Run", kind: Thing) -> None:
    """A class that nothing makes an object of."""
    thing = Thing()
    thing.kind = kind
    for method in [each for each in kind.parts.values() if isinstance(each.code, ast.FunctionDef)]:
        own(run, bound(method, thing), Given(), None)
