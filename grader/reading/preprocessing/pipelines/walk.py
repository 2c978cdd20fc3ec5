"""Follows pixel values through a program's statements: loading, arithmetic, library calls, own functions."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.pipelines import expressions, keras_inputs, operations, values
from grader.reading.preprocessing.pipelines.expressions import Frame, Names
from grader.reading.preprocessing.pipelines.values import HANDED, Pixels
from grader.reading.programs import Function, Reader

DEPTH = 5  # own functions that are followed into one another


class Fed(Struct, frozen=True):
    """Where pixels arrive: `use` is fit, flow, predict, show or return."""

    use: str
    values: Affine | None
    node: ast.expr | ast.stmt
    function: str


class Walk:
    """Walks statements in order, with what each name holds at that moment."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.fed: list[Fed] = []

    def body(self, statements: Sequence[ast.stmt], frame: Frame) -> Pixels:
        """What the statements return, where they do."""
        returned: Pixels = None
        for statement in statements:
            self.reader.spend()
            found = self._statement(statement, frame)
            returned = found if returned is None else returned
        return returned

    def called(
        self, function: Function, given: Sequence[Pixels], named: Mapping[str, Pixels], depth: int = DEPTH
    ) -> Pixels:
        """What a function makes of its arguments."""
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        handed = [*zip([name for name in parameters if name != "self"], given, strict=False), *named.items()]
        names = {**pictures(function), **{name: value for name, value in handed if value is not None}}
        if isinstance(function, ast.Lambda):
            return self._pixels(function.body, Frame(names, "", depth - 1))
        return self.body(function.body, Frame(names, function.name, depth - 1))

    def follow(self, reader: Reader, function: ast.expr) -> Affine | None:
        return mapped(reader, function)

    def feed(self, use: str, given: Pixels, node: ast.expr, function: str) -> None:
        first = values.first(given)
        if first is not HANDED:
            self.fed.append(Fed(use, first if isinstance(first, Affine) else None, node, function))

    def _pixels(self, node: ast.expr, frame: Frame) -> Pixels:
        return expressions.pixels(self, node, frame)

    def _statement(self, statement: ast.stmt, frame: Frame) -> Pixels:
        match statement:
            case ast.Assign(targets=targets, value=value):
                found = self._pixels(value, frame)
                for target in targets:
                    expressions.assign(target, found, frame.names, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                expressions.assign(target, self._pixels(value, frame), frame.names, value)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augment(target, op, value, frame.names)
            case ast.Expr(value=value):
                _grow(value, frame.names, self._pixels(value, frame))
            case ast.Return(value=ast.expr() as value):
                found = self._pixels(value, frame)
                if frame.depth == DEPTH and values.first(found) is not None:
                    self.feed("return", found, value, frame.function)
                return found
            case _:
                return self._compound(statement, frame)
        return None

    def _compound(self, statement: ast.stmt, frame: Frame) -> Pixels:
        match statement:
            case ast.For(target=target, iter=iterated, body=body):
                expressions.assign(target, self._pixels(iterated, frame), frame.names, iterated)
            case ast.With(items=items, body=body):
                for item in items:
                    opened = self._pixels(item.context_expr, frame)
                    if item.optional_vars:
                        expressions.assign(item.optional_vars, opened, frame.names, item.context_expr)
            case ast.Try(body=body) | ast.While(body=body):
                pass
            case ast.If():
                return self._either(statement, frame)
            case _:
                return None
        return self.body(body, frame)

    def _either(self, statement: ast.If, frame: Frame) -> Pixels:
        """Both ways; a name that the two leave with different pixels is lost."""
        self.reader.spend(len(frame.names) // 5)
        first, second = (Frame(dict(frame.names), frame.function, frame.depth) for _ in range(2))
        one, other = self.body(statement.body, first), self.body(statement.orelse, second)
        is_given = _asks_for_transform(statement)
        for name in first.names.keys() | second.names.keys():
            found = (first.names.get(name), None if is_given else second.names.get(name))
            frame.names[name] = values.joined([value for value in found if value is not None])
        return one if one is not None else other

    def _augment(self, target: ast.expr, op: ast.operator, value: ast.expr, names: Names) -> None:
        """`x /= 255`, and `x[..., 0] -= 103.939` for one colour."""
        owner = target.value if isinstance(target, ast.Subscript) else target
        key = ast.unparse(owner)
        before = names.get(key)
        if isinstance(before, Affine):
            names[key] = operations.calculated(self.reader, before, op, value, _channel(target))


def fed(reader: Reader) -> tuple[Fed, ...]:
    """Everywhere that pixels arrive in a program, in order."""
    found: list[Fed] = []
    for statements, frame in regions(reader):
        walked = Walk(reader)
        walked.body(statements, frame)
        found += walked.fed
    return tuple(found)


def regions(reader: Reader) -> Iterator[tuple[Sequence[ast.stmt], Frame]]:
    """Where a program begins: its modules, and the functions that none of its own code calls.

    A parameter that is declared as a picture holds one.
    """
    used = {id(reader.local_function(call.func)) for call in reader.calls()}
    for source in reader.program.sources:
        if source.tree:
            yield source.tree.body, Frame({}, "", DEPTH)
            for node in ast.walk(source.tree):
                if isinstance(node, ast.FunctionDef) and id(node) not in used:
                    yield node.body, Frame(pictures(node), node.name, DEPTH)


def pictures(function: Function) -> Names:
    """The parameters that are declared as pictures."""
    declared = [
        each.arg
        for each in function.args.args
        if each.annotation and ast.unparse(each.annotation).endswith("Image")
    ]
    return dict.fromkeys(declared, Affine())


def mapped(reader: Reader, function: ast.expr) -> Affine | None:
    """What a function given to `map`, `Lambda` or a generator does; None where it cannot be told."""
    known = keras_inputs.of_function(reader, function)
    if known:
        return known
    own = reader.local_function(function)
    found = values.first(Walk(reader).called(own, [Affine()], {})) if own else None
    return found if isinstance(found, Affine) else None


def _grow(node: ast.expr, names: Names, found: Pixels) -> None:
    """`images.append(image)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend")):
            if values.first(found):
                names[name] = values.first(found)


def _asks_for_transform(statement: ast.If) -> bool:
    """`if self.transform: image = self.transform(image)`: an optional transform is one that is given."""
    test = statement.test.left if isinstance(statement.test, ast.Compare) else statement.test
    used = (
        ast.unparse(node.func)
        for each in statement.body
        for node in ast.walk(each)
        if isinstance(node, ast.Call)
    )
    return not statement.orelse and ast.unparse(test) in used


def _channel(target: ast.expr) -> int:
    """Of `x[..., 0]` and `x[:, :, 0]`; -1 where all colours are meant."""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple) and target.slice.elts:
        last = target.slice.elts[-1]
        if isinstance(last, ast.Constant) and last.value in (0, 1, 2):
            return (0, 1, 2).index(last.value)
    return -1
