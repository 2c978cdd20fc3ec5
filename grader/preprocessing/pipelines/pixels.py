"""Follows pixel values through a program's statements: loading, arithmetic, library calls, own functions."""

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.preprocessing.affine import Affine
from grader.preprocessing.pipelines import keras_inputs, operations, values
from grader.preprocessing.pipelines.values import HANDED, LOST, Pixels
from grader.programs import Reader
from grader.programs.bindings import Function, called

DEPTH = 5  # own functions that are followed into one another
STATEMENTS = 20_000

BLUE_FIRST = ("imread", "imdecode")  # of OpenCV
LOADERS = {
    "load_img", "decode_jpeg", "decode_png", "decode_image", "read_image", "pil_loader",
    "default_loader", "imread",
    "imdecode", "decode_bmp", "load_image",
}  # fmt: skip
DATA = ("fit", "fit_generator", "train_on_batch", "fit_transform")
ASKS = ("predict", "predict_on_batch", "predict_generator", "evaluate", "predict_proba")
SHOWS = ("imshow", "imsave", "imwrite", "show")


Names = dict[str, Pixels]


class Fed(Struct, frozen=True):
    """Where pixels arrive: `use` is fit, predict, show or return."""

    use: str
    values: Affine | None
    node: ast.expr | ast.stmt
    function: str


class Walk:
    """Walks statements in order, with what each name holds at that moment."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = STATEMENTS
        self.fed: list[Fed] = []

    def body(self, statements: Sequence[ast.stmt], names: Names, function: str, depth: int = DEPTH) -> Pixels:
        """What the statements return, where they do."""
        returned: Pixels = None
        for statement in statements:
            self._left -= 1
            if self._left < 0:
                return LOST
            found = self._statement(statement, names, function, depth)
            if isinstance(returned, type(None)):
                returned = found
        return returned

    def function(self, function: Function, given: Sequence[Pixels], depth: int = DEPTH) -> Pixels:
        """What a function makes of its arguments."""
        arguments = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        names = pictures(function)
        handed = zip([name for name in arguments if name != "self"], given, strict=False)
        names.update({name: value for name, value in handed if value is not None})
        if isinstance(function, ast.Lambda):
            return self._pixels(function.body, names, "", depth - 1)
        return self.body(function.body, names, function.name, depth - 1)

    def _statement(self, statement: ast.stmt, names: Names, function: str, depth: int) -> Pixels:
        match statement:
            case ast.Assign(targets=targets, value=value):
                found = self._pixels(value, names, function, depth)
                for target in targets:
                    self._assign(target, found, names, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._pixels(value, names, function, depth), names, value)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augment(target, op, value, names)
            case ast.Expr(value=value):
                found = self._pixels(value, names, function, depth)
                self._grow(value, names, found)
            case ast.Return(value=ast.expr() as value):
                found = self._pixels(value, names, function, depth)
                if depth == DEPTH and values.first(found) is not None:
                    self._feed("return", found, value, function)
                return found
            case _:
                return self._compound(statement, names, function, depth)
        return None

    def _compound(self, statement: ast.stmt, names: Names, function: str, depth: int) -> Pixels:
        match statement:
            case ast.For(target=target, iter=iterated, body=body):
                self._assign(target, self._pixels(iterated, names, function, depth), names, iterated)
            case ast.With(items=items, body=body):
                for item in items:
                    if item.optional_vars:
                        opened = self._pixels(item.context_expr, names, function, depth)
                        self._assign(item.optional_vars, opened, names, item.context_expr)
            case ast.Try(body=body) | ast.While(body=body):
                pass
            case ast.If(body=body, orelse=otherwise):
                return self._either(body, otherwise, names, function, depth)
            case _:
                return None
        return self.body(body, names, function, depth)

    def _either(
        self, body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt], names: Names, function: str, depth: int
    ) -> Pixels:
        """Both ways; a name that the two leave with different pixels is lost."""
        first, second = dict(names), dict(names)
        one = self.body(body, first, function, depth)
        other = self.body(otherwise, second, function, depth)
        for name in first.keys() | second.keys():
            found = (first.get(name), second.get(name))
            known = [value for value in found if value is not None]
            names[name] = values.joined(known)
        return one if one is not None else other

    def _assign(self, target: ast.expr, value: Pixels, names: Names, source: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple(elts=elements):
                for index, element in enumerate(elements):
                    self._assign(element, values.part(value, index, source), names, source)
            case ast.Subscript(value=ast.Name(id=name)) if value is not None:
                names[name] = value
            case ast.Attribute():
                names[ast.unparse(target)] = value

    def _augment(self, target: ast.expr, op: ast.operator, value: ast.expr, names: Names) -> None:
        """`x /= 255`, and `x[..., 0] -= 103.939` for one colour."""
        owner = target.value if isinstance(target, ast.Subscript) else target
        key = ast.unparse(owner)
        before = names.get(key)
        if not isinstance(before, Affine):
            return
        channel = _channel(target)
        names[key] = operations.calculated(self._reader, before, op, value, channel)

    def _grow(self, node: ast.expr, names: Names, found: Pixels) -> None:
        """`images.append(image)`."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend")) if (
                values.first(found)
            ):
                names[name] = values.first(found)

    def _pixels(self, node: ast.expr, names: Names, function: str, depth: int) -> Pixels:
        match node:
            case ast.Name() | ast.Attribute() if ast.unparse(node) in names:
                return names[ast.unparse(node)]
            case ast.Attribute(value=value):
                return (
                    self._pixels(value, names, function, depth) if not isinstance(value, ast.Name) else None
                )
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                several = tuple(self._pixels(part, names, function, depth) for part in parts)
                return several if any(each is not None for each in several) else None
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(left, op, right, (names, function, depth))
            case ast.Subscript(value=value):
                found = self._pixels(value, names, function, depth)
                index = node.slice.value if isinstance(node.slice, ast.Constant) else None
                if isinstance(found, tuple) and isinstance(index, int) and -len(found) <= index < len(found):
                    return found[index]
                return found.swapped() if isinstance(found, Affine) and _swaps(node) else found
            case ast.IfExp(body=body, orelse=other):
                one, two = (self._pixels(each, names, function, depth) for each in (body, other))
                return one if two is None or one == two else two if one is None else LOST
            case ast.ListComp(elt=element, generators=[generator, *_]):
                inner = dict(names)
                over = self._pixels(generator.iter, names, function, depth)
                self._assign(generator.target, over, inner, generator.iter)
                return self._pixels(element, inner, function, depth)
            case ast.Call():
                return self._call(node, names, function, depth)
        return None

    def _operation(
        self, left: ast.expr, op: ast.operator, right: ast.expr, at: tuple[Names, str, int]
    ) -> Pixels:
        one, other = self._pixels(left, *at), self._pixels(right, *at)
        if one is None and other is None:
            return None
        if HANDED in (one, other):
            return HANDED
        if isinstance(one, Affine) and other is None:
            return operations.calculated(self._reader, one, op, right)
        if isinstance(other, Affine) and one is None and isinstance(op, ast.Mult | ast.Add):
            return operations.calculated(self._reader, other, op, left)
        return LOST

    def _call(self, call: ast.Call, names: Names, function: str, depth: int) -> Pixels:
        given = [self._pixels(argument, names, function, depth) for argument in call.args]
        given += [self._pixels(keyword.value, names, function, depth) for keyword in call.keywords]
        name = called(call)
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        of = self._pixels(owner, names, function, depth) if owner is not None else None
        image = next(
            (each for each in (values.first(of), *map(values.first, given)) if each is not None), None
        )
        dotted = self._reader.dotted(call.func)
        own = self._reader.local_function(call.func)
        if own is not None:
            if depth <= 1:
                return None if image is None else LOST
            return self.function(own, given, depth)
        if _loads(name, dotted):
            return Affine().swapped() if name in BLUE_FIRST and "cv2" in dotted else Affine()
        if image is None:
            return None
        for uses, use in ((DATA, "fit"), (ASKS, "predict"), (SHOWS, "show")):
            if name in uses:
                self._feed(use, image, call, function)
                return None
        if name == "train_test_split":  # two parts of each argument, and all images are alike
            return (image,) * (2 * len(call.args))
        return operations.applied(self._reader, call, image, mapped)

    def _feed(self, use: str, given: Pixels, node: ast.expr, function: str) -> None:
        first = values.first(given)
        if first is HANDED:
            return
        self.fed.append(Fed(use, first if isinstance(first, Affine) else None, node, function))


def regions(reader: Reader) -> Iterator[tuple[str, Names, Sequence[ast.stmt]]]:
    """Where a program begins: its modules, and the functions that none of its own code calls.

    A parameter that is declared as a picture holds one.
    """
    used = {id(reader.local_function(call.func)) for call in reader.calls()}
    for source in reader.program.sources:
        if source.tree:
            yield "", {}, source.tree.body
            for node in ast.walk(source.tree):
                if isinstance(node, ast.FunctionDef) and id(node) not in used:
                    yield node.name, pictures(node), node.body


def pictures(function: Function) -> Names:
    """The parameters that are declared as pictures."""
    declared = [each.arg for each in function.args.args if each.annotation and
                ast.unparse(each.annotation).endswith("Image")]  # fmt: skip
    return dict.fromkeys(declared, Affine())


def mapped(reader: Reader, function: ast.expr) -> Affine | None:
    """What a function given to `map`, `Lambda` or a generator does; None where it cannot be told."""
    known = keras_inputs.of_function(reader, function)
    if known:
        return known
    own = reader.local_function(function)
    if own is None:
        return None
    found = values.first(Walk(reader).function(own, [Affine()]))
    return found if isinstance(found, Affine) else None


def _loads(name: str, dotted: str) -> bool:
    return name in LOADERS or (name == "open" and dotted.endswith("Image.open"))


def _channel(target: ast.expr) -> int:
    """Of `x[..., 0]` and `x[:, :, 0]`; -1 where all colours are meant."""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple) and target.slice.elts:
        last = target.slice.elts[-1]
        if isinstance(last, ast.Constant) and last.value in (0, 1, 2):
            return (0, 1, 2).index(last.value)
    return -1


def _swaps(node: ast.Subscript) -> bool:
    """`x[..., ::-1]`, `x[:, :, ::-1]`, `x[:, :, [2, 1, 0]]`."""
    text = ast.unparse(node.slice).replace(" ", "")
    return text.endswith((",::-1", ",::-1)", "[2,1,0]", "[2,1,0])", "(2,1,0))"))
