"""Finds the number or the numbers behind an expression without running it."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from msgspec import Struct

from grader.preprocessing.sources import Source

DEPTH = 20  # names and operations followed from one expression

Value: TypeAlias = "float | tuple[Value, ...] | None"
Names = Mapping[str, ast.expr]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
PUBLISHED: Mapping[str, Value] = {  # constants of timm, under their own names
    "IMAGENET_DEFAULT_MEAN": IMAGENET_MEAN,
    "IMAGENET_DEFAULT_STD": IMAGENET_STD,
    "IMAGENET_INCEPTION_MEAN": (0.5, 0.5, 0.5),
    "IMAGENET_INCEPTION_STD": (0.5, 0.5, 0.5),
}
# Calls that hand their first argument on, whatever they wrap it in.
WRAPPERS = {"tuple", "list", "array", "asarray", "tensor", "Tensor", "FloatTensor", "as_tensor", "float32"}


class Scope(Struct, frozen=True):
    """What names mean in one module: its own assignments before those of the submission's other modules."""

    path: str
    own: Names
    others: Mapping[str, Names]  # by module name

    def value(self, node: ast.expr | None, depth: int = DEPTH) -> Value:
        """The number, or the tuple of numbers, that `node` stands for; None where reading cannot tell."""
        if node is None or depth == 0:
            return None
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _finite(number)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return tuple(self.value(element, depth - 1) for element in elements)
            case ast.Name(id=name):
                return self._named(name, depth)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in self.others.get(module, {}):
                return self.value(self.others[module][name], depth - 1)
            case ast.Attribute(attr=name):
                return PUBLISHED.get(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _arithmetic(ast.Mult(), -1.0, self.value(operand, depth - 1))
            case ast.BinOp(left=left, op=operator, right=right):
                return _arithmetic(operator, self.value(left, depth - 1), self.value(right, depth - 1))
            case ast.Call(args=[first, *_]) if called(node) in WRAPPERS:
                return self.value(first, depth - 1)
        return None

    def numbers(self, node: ast.expr | None) -> tuple[float, ...]:
        """Three numbers (one number counts for all three colours); () where reading cannot tell."""
        value = self.value(node)
        if isinstance(value, float):
            return (value,) * 3
        plain = tuple(each for each in value or () if isinstance(each, float))
        return plain * 3 if len(plain) == 1 else plain if len(plain) == 3 else ()

    def size(self, node: ast.expr | None) -> int:
        """One length in pixels, of a number or of a pair of equal numbers; 0 where reading cannot tell."""
        value = self.value(node)
        sides = {value} if isinstance(value, float) else set(value or ())
        side = sides.pop() if len(sides) == 1 else None
        return int(side) if isinstance(side, float) else 0

    def _named(self, name: str, depth: int) -> Value:
        if name in self.own:
            return self.value(self.own[name], depth - 1)
        if name in PUBLISHED:
            return PUBLISHED[name]
        found = [names[name] for names in self.others.values() if name in names]
        return self.value(found[0], depth - 1) if len(found) == 1 else None


def scopes(sources: Sequence[Source]) -> dict[str, Scope]:
    """A scope for each module, by path."""
    trees = {source.path: source.tree for source in sources if source.tree}
    names = {path: _assignments(tree) for path, tree in trees.items()}
    modules = {PurePosixPath(path).stem: own for path, own in names.items()}
    return {path: Scope(path, names[path], modules) for path in trees}


def called(call: ast.Call) -> str:
    """The last part of the called name: `Normalize` of `v2.Normalize(...)`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """The argument at a position or under one of these names."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    return call.args[position] if 0 <= position < len(call.args) else None


def _assignments(tree: ast.Module) -> Names:
    """Names that are given a value exactly once in the module, at any depth; others may mean anything."""
    found: dict[str, ast.expr | None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = None if name in found else value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = None if name in found else value
    return {name: value for name, value in found.items() if value is not None}


def _arithmetic(operator: ast.operator, left: Value, right: Value) -> Value:
    match operator, left, right:
        case (ast.Mult(), (one,), 3.0) | (ast.Mult(), 3.0, (one,)):
            return (one,) * 3  # [0.5] * 3
        case ast.Mult(), float(), float():
            return _finite(left * right)
        case ast.Div(), float(), float() if right:
            return _finite(left / right)
        case ((ast.Mult() | ast.Div()), tuple(), float()):  # a NumPy array
            return tuple(_arithmetic(operator, each, right) for each in left)
        case ast.Mult(), float(), tuple():
            return tuple(_arithmetic(operator, left, each) for each in right)
    return None


def _finite(number: float) -> float | None:
    try:
        exact = float(number)
    except OverflowError:
        return None
    return exact if abs(exact) < 1e9 else None
