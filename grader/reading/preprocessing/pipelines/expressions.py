"""What an expression is worth while pixels are followed: an image with its values, several, or none."""

import ast
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.pipelines import brought, operations, values
from grader.reading.preprocessing.pipelines.values import HANDED, LOST, Lost, Pixels
from grader.reading.programs import Function, Reader, argument, called

BLUE_FIRST = ("imread", "imdecode")  # of OpenCV
LOADERS = {
    "load_img", "decode_jpeg", "decode_png", "decode_image", "read_image", "pil_loader", "default_loader",
    "imread", "imdecode", "decode_bmp", "load_image",
}  # fmt: skip
DATA = ("fit", "fit_generator", "train_on_batch", "fit_transform")
FLOWS = ("flow",)  # of a generator, from an array
ASKS = ("predict", "predict_on_batch", "predict_generator", "evaluate", "predict_proba")
SHOWS = ("imshow", "imsave", "imwrite", "show")

Names = dict[str, Pixels]


class Frame(Struct, frozen=True):
    """Where a walk stands: what its names hold, in which function, and how many calls it may still follow."""

    names: Names
    function: str
    depth: int


class Walker(Protocol):
    """The part of a Walk that expressions need: functions that they call, and networks that they feed."""

    reader: Reader

    def called(
        self, function: Function, given: Sequence[Pixels], named: Mapping[str, Pixels], depth: int
    ) -> Pixels: ...
    def follow(self, reader: Reader, function: ast.expr) -> Affine | None: ...
    def feed(self, use: str, given: Pixels, node: ast.expr, function: str) -> None: ...


def pixels(walk: Walker, node: ast.expr, frame: Frame) -> Pixels:
    walk.reader.spend()
    match node:
        case ast.Name() | ast.Attribute() if ast.unparse(node) in frame.names:
            return frame.names[ast.unparse(node)]
        case ast.Attribute(value=value):
            return None if isinstance(value, ast.Name) else pixels(walk, value, frame)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            several = tuple(pixels(walk, part, frame) for part in parts)
            return several if any(each is not None for each in several) else None
        case ast.BinOp():
            return _operation(walk, node, frame)
        case ast.Subscript():
            return _part(pixels(walk, node.value, frame), node)
        case ast.IfExp(body=body, orelse=other):
            one, two = (pixels(walk, each, frame) for each in (body, other))
            return one if two is None or one == two else two if one is None else LOST
        case ast.ListComp(elt=element, generators=[generator, *_]):
            walk.reader.spend(len(frame.names) // 20)
            inner = Frame(dict(frame.names), frame.function, frame.depth)
            assign(generator.target, pixels(walk, generator.iter, frame), inner.names, generator.iter)
            return pixels(walk, element, inner)
        case ast.Call():
            return _call(walk, node, frame)
    return None


def assign(target: ast.expr, value: Pixels, names: Names, source: ast.expr) -> None:
    """What `target = source` makes of the names, where the source is worth `value`."""
    match target:
        case ast.Name(id=name):
            names[name] = value
        case ast.Tuple(elts=elements):
            for index, element in enumerate(elements):
                assign(element, values.part(value, index, source), names, source)
        case ast.Subscript(value=ast.Name(id=name)) if value is not None:
            names[name] = value
        case ast.Attribute():
            names[ast.unparse(target)] = value


def _operation(walk: Walker, node: ast.BinOp, frame: Frame) -> Pixels:
    one, other = pixels(walk, node.left, frame), pixels(walk, node.right, frame)
    if one is None and other is None:
        return None
    if HANDED in (one, other):
        return HANDED
    if isinstance(one, Affine) and other is None:
        return operations.calculated(walk.reader, one, node.op, node.right)
    if isinstance(other, Affine) and one is None and isinstance(node.op, ast.Mult | ast.Add):
        return operations.calculated(walk.reader, other, node.op, node.left)
    return LOST


def _part(found: Pixels, node: ast.Subscript) -> Pixels:
    """One of several, a part of an image, or `x[..., ::-1]`: its colours in the other order."""
    index = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if isinstance(found, tuple) and isinstance(index, int) and -len(found) <= index < len(found):
        return found[index]
    text = ast.unparse(node.slice).replace(" ", "")
    swaps = text.endswith((",::-1", ",::-1)", "[2,1,0]", "[2,1,0])", "(2,1,0))"))
    return found.swapped() if isinstance(found, Affine) and swaps else found


def _call(walk: Walker, call: ast.Call, frame: Frame) -> Pixels:
    given = [pixels(walk, argument, frame) for argument in call.args]
    named = {keyword.arg or "": pixels(walk, keyword.value, frame) for keyword in call.keywords}
    image = _image(walk, call, frame, [*given, *named.values()])
    own = walk.reader.local_function(call.func)
    if own is not None:
        if frame.depth > 1:
            return walk.called(own, given, named, frame.depth)
        return None if image is None else LOST
    name, loaded = called(call), _loaded(walk.reader, call)
    if loaded is not None or image is None:
        return loaded
    for uses, use in ((DATA, "fit"), (FLOWS, "flow"), (ASKS, "predict"), (SHOWS, "show")):
        if name in uses:
            walk.feed(use, image, call, frame.function)
            return None
    if name == "train_test_split":  # two parts of each argument, and all images are alike
        return (image,) * (2 * len(call.args))
    if name == "map" and isinstance(call.func, ast.Attribute):
        return _mapped(walk, call, image, frame)
    return operations.applied(walk.reader, call, image, walk.follow)


def _loaded(reader: Reader, call: ast.Call) -> Pixels:
    """What the call takes from files, or from a library's own data."""
    name, dotted = called(call), reader.dotted(call.func)
    if name in LOADERS or (name == "open" and dotted.endswith("Image.open")):
        return Affine().swapped() if name in BLUE_FIRST and "cv2" in dotted else Affine()
    return brought.images(reader, call)


def _mapped(walk: Walker, call: ast.Call, image: Affine | Lost, frame: Frame) -> Pixels:
    """`data.map(prepare)`: every image passes the function, and its label with it."""
    function = argument(call, 0, "map_func", "function")
    own = walk.reader.local_function(function) if function else None
    if own is None or frame.depth <= 1:
        return LOST
    found = values.first(walk.called(own, [image], {}, frame.depth))
    return LOST if found is None else found


def _image(walk: Walker, call: ast.Call, frame: Frame, given: Sequence[Pixels]) -> Affine | Lost | None:
    """The image that the call works on: its owner, or the first of its arguments that is one."""
    owner = pixels(walk, call.func.value, frame) if isinstance(call.func, ast.Attribute) else None
    return next((found for each in (owner, *given) if (found := values.first(each)) is not None), None)
