"""Lists of transforms: `Compose([...])` of torchvision and Albumentations, `Sequential` of layers."""

import ast
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from grader.preprocessing.affine import Affine
from grader.preprocessing.pipelines import elements
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader
from grader.programs.bindings import argument, called

LISTS = ("Compose", "Sequential")

Follow = Callable[[Reader, ast.expr], Affine | None]  # what a function does to the values of an image


def chain(reader: Reader, node: ast.expr, follow: Follow) -> Chain | None:
    """What an expression does as a transform; None where it is none."""
    call = reader.expression(node)
    if not isinstance(call, ast.Call):
        return None
    where = reader.place(call)
    if called(call) not in LISTS:
        step = _element(reader, call, follow)
        return replace(step, where=where) if step else None
    whole = Chain(where=where, framework="torch")
    for part in _parts(reader, argument(call, 0, "transforms", "layers")):
        step = _element(reader, part, follow)
        whole = whole.then(step or Chain(where="", values=None))
    return whole if _parts_known(whole) else None


def _parts_known(whole: Chain) -> bool:
    return whole.values is not None or whole.scaled


def _parts(reader: Reader, node: ast.expr | None) -> Iterator[ast.expr]:
    """The elements of a list, through names, sums and stars."""
    if node is None:
        return
    match reader.expression(node):
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            for each in elts:
                if isinstance(each, ast.Starred):
                    yield from _parts(reader, each.value)
                else:
                    yield each
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _parts(reader, left)
            yield from _parts(reader, right)
        case other:
            yield other


def _element(reader: Reader, node: ast.expr, follow: Follow) -> Chain | None:
    made = reader.expression(node)
    if isinstance(made, ast.IfExp):
        return _element(reader, made.body, follow) or _element(reader, made.orelse, follow)
    if not isinstance(made, ast.Call):
        return None
    name = called(made)
    if name == "Lambda" and made.args:
        values = follow(reader, made.args[0])
        return Chain(where="", values=values, scaled=values != Affine())
    if name in ("RandomApply", "RandomChoice", "OneOf", "SomeOf"):
        return Chain(where="", random=name)
    if name in LISTS:
        return chain(reader, made, follow)
    return elements.read(reader, made)
