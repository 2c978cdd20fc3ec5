"""Finds the number or the numbers behind an expression without running it."""

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from msgspec import Struct

from grader.preprocessing import names
from grader.preprocessing.names import Module
from grader.programs import Source, called

# A hostile source doubles its work with each name; these keep one expression at some hundred steps.
DEPTH = 12  # names and operations followed from one expression
COLOURS = 4  # a mean or a std has no more values

Value: TypeAlias = float | tuple[float, ...] | None

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
    """Where an expression stands: in `module`, with the submission's other modules around it by name."""

    path: str
    module: Module
    others: Mapping[str, Module]

    def value(self, node: ast.expr | None, depth: int = DEPTH) -> Value:
        """The number, or the tuple of numbers, that `node` stands for; None where reading cannot tell."""
        if node is None or depth == 0:
            return None
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _finite(number)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if len(elements) <= COLOURS:
                return self._tuple(elements, depth)
            case ast.Name(id=name):
                return self._named(name, depth)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in self.others:
                return self._elsewhere(module, name, depth)
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
        found = _several(self.value(node))
        return found * 3 if len(found) == 1 else found if len(found) == 3 else ()

    def size(self, node: ast.expr | None) -> int:
        """One length in pixels, of a number or of a pair of equal numbers; 0 where reading cannot tell."""
        sides = set(_several(self.value(node)))
        return int(sides.pop()) if len(sides) == 1 else 0

    def _tuple(self, elements: Sequence[ast.expr], depth: int) -> Value:
        """Numbers only: a tuple in a tuple, or a value that reading cannot tell, spoils it all."""
        found = []
        for element in elements:
            value = self.value(element, depth - 1)
            if not isinstance(value, float):
                return None
            found.append(value)
        return tuple(found)

    def _named(self, name: str, depth: int) -> Value:
        if name in self.module.own:
            return self.value(self.module.own[name], depth - 1)
        if name in self.module.imports:
            module, original = self.module.imports[name]
            found = self._elsewhere(module, original, depth)
            return PUBLISHED.get(original) if found is None else found
        found_by_star = (self._elsewhere(module, name, depth) for module in self.module.stars)
        return next((value for value in found_by_star if value is not None), PUBLISHED.get(name))

    def _elsewhere(self, module: str, name: str, depth: int) -> Value:
        other = self.others.get(module)
        if other is None or depth == 0:
            return None
        return Scope(self.path, other, self.others)._named(name, depth - 1)


def scopes(sources: Sequence[Source]) -> dict[str, Scope]:
    """A scope for each module, by path. Two modules of one name: others read neither."""
    modules = {source.path: names.read(source.tree) for source in sources if source.tree}
    stems = Counter(PurePosixPath(path).stem for path in modules)
    others = {
        stem: module for path, module in modules.items() if stems[stem := PurePosixPath(path).stem] == 1
    }
    return {path: Scope(path, module, others) for path, module in modules.items()}


def _arithmetic(operator: ast.operator, left: Value, right: Value) -> Value:
    match operator, left, right:
        case (ast.Mult(), (one,), 3.0) | (ast.Mult(), 3.0, (one,)):
            return (one,) * 3  # [0.5] * 3
        case ast.Mult(), value, float() as factor:
            return _scaled(value, factor)
        case ast.Mult(), float() as factor, value:
            return _scaled(value, factor)
        case ast.Div(), value, float() as divisor if divisor:
            return _scaled(value, 1 / divisor)
    return None


def _scaled(value: Value, factor: float) -> Value:
    """A number, or a NumPy array, times a factor."""
    if isinstance(value, float):
        return _finite(value * factor)
    return tuple(each * factor for each in value) if value else None


def _several(value: Value) -> tuple[float, ...]:
    return (value,) if isinstance(value, float) else value or ()


def _finite(number: float) -> float | None:
    """None for what no mean, std or size is; 1 / it is finite too."""
    try:
        exact = float(number)
    except OverflowError:
        return None
    return exact if exact == 0 or 1e-9 < abs(exact) < 1e9 else None
