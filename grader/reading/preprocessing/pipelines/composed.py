"""Lists of transforms: `Compose([...])` of torchvision and Albumentations, `Sequential` of layers."""

import ast
from collections.abc import Callable

from msgspec.structs import replace

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import elements, list_contents
from grader.reading.programs import Reader, argument, called

LISTS = ("Compose", "Sequential")
ONE_OF = ("RandomApply", "RandomChoice", "OneOf", "SomeOf", "RandomOrder")

Follow = Callable[[Reader, ast.expr], Affine | None]  # what a function does to the values of an image


def chain(reader: Reader, node: ast.expr, follow: Follow) -> Chain | None:
    """What an expression does as a transform; None where it is none."""
    reader.spend()
    call = reader.made(node)
    if not isinstance(call, ast.Call):
        return None
    where = reader.place(call)
    if called(call) not in LISTS:
        step = _element(reader, call, follow)
        return replace(step, where=where) if step else None
    whole = Chain(where=where, framework="torch")
    for part in list_contents.parts(reader, _steps(reader, call), call):
        step = _element(reader, part.node, follow) or elements.UNTOLD
        whole = whole.then(_where_sometimes(step) if part.sometimes else step)
    return whole if whole.values is not None or whole.scaled else None


def _steps(reader: Reader, call: ast.Call) -> ast.expr | None:
    """One list, or for PyTorch's `Sequential` the arguments themselves."""
    first = argument(call, 0, "transforms", "layers")
    alone = len(call.args) == 1 and isinstance(reader.made(call.args[0]), ast.Call)
    return ast.Tuple(call.args, ast.Load()) if len(call.args) > 1 or alone else first


def _where_sometimes(step: Chain) -> Chain:
    """A step that some branch adds: who knows whether it does."""
    return elements.UNTOLD if step.scaled else Chain(where="", tensor=step.tensor)


def _element(reader: Reader, node: ast.expr, follow: Follow) -> Chain | None:
    made = reader.expression(node)
    if isinstance(made, ast.IfExp):
        return _either(reader, made, follow)
    made = reader.made(made)
    if not isinstance(made, ast.Call):
        values = follow(reader, made)
        return Chain(where="", values=values, scaled=values != Affine()) if values else None
    name = called(made)
    if name == "Lambda" and made.args:
        values = follow(reader, made.args[0])
        return Chain(where="", values=values, scaled=values != Affine(), tensor=True)
    if name in ONE_OF:
        return Chain(where="", random=name)
    return chain(reader, made, follow) if name in LISTS else elements.read(reader, made)


def _either(reader: Reader, made: ast.IfExp, follow: Follow) -> Chain:
    """`RandomCrop(224) if train else CenterCrop(224)`, `Normalize(...) if normalize else Identity()`."""
    steps = [_element(reader, each, follow) or elements.UNTOLD for each in (made.body, made.orelse)]
    if steps[0] == steps[1]:
        return steps[0]
    return _where_sometimes(next((step for step in steps if step.scaled), steps[0]))
