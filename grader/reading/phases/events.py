"""What a program does to a training, in the order in which it runs; own functions are followed."""

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.reading.phases import statements
from grader.reading.phases.statements import Kind
from grader.reading.programs import Reader
from grader.reading.programs.bindings import Function

DEPTH = 8  # own functions that are followed into one another


class Event(Struct, frozen=True):
    """`partial`: some layers only, by a slice or a condition. `what` is as written, with its loop."""

    kind: Kind
    where: str
    what: str = ""
    partial: bool = False


class At(Struct, frozen=True):
    """Where a walk is: inside these loops and functions."""

    over: str = ""
    conditional: bool = False
    stack: tuple[str, ...] = ()
    skip_epochs: bool = False


def events(reader: Reader) -> list[Event]:
    """Modules first, then the functions that nothing calls, as a notebook elsewhere may call them.

    Raises:
        Intricate: loops in loops and calls in calls take more steps than the reader has.
    """
    found: list[Event] = []
    used = {id(_own(reader, call)) for call in reader.calls()}
    for source in reader.program.sources:
        found += _body(reader, source.tree.body if source.tree else (), At())
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.FunctionDef) and id(node) not in used and not node.name.startswith("__"):
                found += _body(reader, node.body, At(stack=(node.name,)))
    return found


def _body(reader: Reader, body: Sequence[ast.stmt], at: At) -> Iterator[Event]:
    for statement in body:
        yield from _statement(reader, statement, at)


def _statement(reader: Reader, statement: ast.stmt, at: At) -> Iterator[Event]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
            return
        case ast.For(iter=iterated, body=body):
            yield from _expressions(reader, iterated, at)
            yield from _loop(
                reader, body, At(ast.unparse(iterated), at.conditional, at.stack, at.skip_epochs)
            )
        case ast.While(body=body):
            yield from _loop(reader, body, at)
        case ast.If():
            yield from _if(reader, statement, at)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            for item in items:
                yield from _expressions(reader, item.context_expr, at)
            yield from _body(reader, body, at)
        case ast.Try(body=body, finalbody=last):
            yield from _body(reader, [*body, *last], at)
        case _:
            yield from _expressions(reader, statement, at)
            for effect in statements.flags(reader, statement):
                yield _event(reader, statement, effect, at)


def _loop(reader: Reader, body: Sequence[ast.stmt], at: At) -> Iterator[Event]:
    """`if epoch == 5: unfreeze()` comes after the first epochs: the loop is walked twice."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    reader.spend(5 + len(nodes) // 5)
    if any(_is_about_epochs(node) for node in nodes):
        yield from _body(reader, body, At(at.over, at.conditional, at.stack, skip_epochs=True))
    yield from _body(reader, body, At(at.over, at.conditional, at.stack))


def _is_about_epochs(node: ast.AST) -> bool:
    if not isinstance(node, ast.If) or "epoch" not in ast.unparse(node.test):
        return False
    text = ast.unparse(node)
    return any(word in text for word in (*statements.FLAGS, "freeze"))


def _if(reader: Reader, statement: ast.If, at: At) -> Iterator[Event]:
    """A condition whose value is known has one way; of others both are walked."""
    yield from _expressions(reader, statement.test, at)
    if at.skip_epochs and _is_about_epochs(statement):
        yield from _body(reader, statement.orelse, at)
        return
    known = reader.value(statement.test)
    inner = At(at.over, bool(at.over), at.stack, at.skip_epochs)
    if known is not False:
        yield from _body(reader, statement.body, inner)
    if known is not True:
        yield from _body(reader, statement.orelse, inner)


def _expressions(reader: Reader, node: ast.AST, at: At) -> Iterator[Event]:
    """Calls, innermost and leftmost first."""
    nodes = list(ast.walk(node))
    reader.spend(2 + len(nodes) // 20)
    calls = [each for each in nodes if isinstance(each, ast.Call)]
    for call in sorted(calls, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0)):
        own = _own(reader, call)
        if own is not None and own.name not in at.stack and len(at.stack) < DEPTH:
            yield from _body(reader, own.body, At(stack=(*at.stack, own.name), skip_epochs=at.skip_epochs))
        elif own is None:
            for idiom in statements.TABLE:
                for effect in idiom(reader, call):
                    yield _event(reader, call, effect, at)


def _own(reader: Reader, call: ast.Call) -> ast.FunctionDef | None:
    """The submission's function, method or constructor that a call runs."""
    found: Function | None = reader.local_function(call.func)
    if found is None and isinstance(call.func, ast.Attribute):
        found = reader.method(call.func.attr)
    if found is None and (made := reader.local_class(call.func)):
        found = next(
            (each for each in made.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"),
            None,
        )
    return found if isinstance(found, ast.FunctionDef) else None


def _event(reader: Reader, node: ast.expr | ast.stmt, effect: statements.Effect, at: At) -> Event:
    """Inside a loop the loop says which layers: `for layer in base.layers[:120]`."""
    partial = False
    what = effect.what
    if effect.kind in ("freeze", "unfreeze"):
        what = at.over or effect.what
        partial = at.conditional or "[" in what or any(char.isdigit() for char in what)
    return Event(effect.kind, reader.place(node), what, partial)
