"""Follows pixel values through a program's statements: loading, arithmetic, library calls, own functions."""

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.preprocessing.affine import Affine
from grader.preprocessing.pipelines import composed, elements
from grader.programs import Reader
from grader.programs.bindings import Function, called

DEPTH = 5  # own functions that are followed into one another
STATEMENTS = 20_000

BLUE_FIRST = ("imread", "imdecode")  # of OpenCV
LOADERS = {
    "load_img", "decode_jpeg", "decode_png", "decode_image", "read_image", "pil_loader", "default_loader", "imread",
    "imdecode", "decode_bmp", "load_image",
}  # fmt: skip
SAME = {  # the same pixels in another shape, size, type or box
    "array", "asarray", "asanyarray", "img_to_array", "array_to_img", "cast", "expand_dims", "resize", "stack",
    "vstack", "concatenate", "fromarray", "convert", "astype", "copy", "transpose", "permute", "reshape", "unsqueeze",
    "squeeze", "to", "numpy", "float", "cuda", "cpu", "float32", "list", "tuple", "zip", "tqdm", "enumerate", "shuffle",
    "thumbnail", "crop", "resize_with_pad", "resize_with_crop_or_pad", "rotate", "flip", "ascontiguousarray", "from_numpy",
    "tensor", "Tensor", "convert_to_tensor", "flatten", "set_shape", "random_flip_left_right", "repeat", "constant",
    "central_crop", "exif_transpose", "pad", "clip", "as_tensor", "FloatTensor", "contiguous", "type", "half", "clone",
    "resize_images", "rollaxis", "swapaxes", "moveaxis", "batch", "prefetch", "cache", "append", "extend", "DataLoader",
    "from_tensor_slices", "TensorDataset", "random_flip_up_down", "random_brightness", "random_contrast", "fit", "flow",
    "read", "BytesIO", "Variable", "detach", "next", "iter", "take", "skip",
}  # fmt: skip
HANDED_ON = (
    "transform",
    "tfm",
    "augment",
    "processor",
    "extractor",
)  # what a data set is given: other idioms
UNIT = {"to_tensor", "ToTensor", "img_as_float", "img_as_float32", "convert_image_dtype", "img_as_float64"}
DATA = ("fit", "fit_generator", "train_on_batch", "fit_transform")
ASKS = ("predict", "predict_on_batch", "predict_generator", "evaluate", "predict_proba")
SHOWS = ("imshow", "imsave", "imwrite", "show")


class Lost:
    """An image whose values reading cannot tell."""


LOST = Lost()
HANDED = Lost()  # given to a transform that came as an argument: the other idioms know it
Pixels = Affine | Lost | tuple["Pixels", ...] | None  # None: no image at all
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
                if depth == DEPTH and _first(found) is not None:
                    self._feed("return", found, value, function)
                return found
            case ast.For(target=target, iter=iterated, body=body, orelse=_):
                self._assign(target, self._pixels(iterated, names, function, depth), names, iterated)
                return self.body(body, names, function, depth)
            case ast.With(body=body) | ast.While(body=body) | ast.AsyncWith(body=body):
                if isinstance(statement, ast.With):
                    for item in statement.items:
                        if item.optional_vars:
                            self._assign(item.optional_vars, self._pixels(item.context_expr, names, function, depth),
                                         names, item.context_expr)  # fmt: skip
                return self.body(body, names, function, depth)
            case ast.Try(body=body):
                return self.body(body, names, function, depth)
            case ast.If(body=body, orelse=otherwise):
                return self._either(body, otherwise, names, function, depth)
        return None

    def _either(
        self, body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt], names: Names, function: str, depth: int
    ) -> Pixels:
        """Both ways; a name that the two leave with different pixels is lost."""
        first, second = dict(names), dict(names)
        one = self.body(body, first, function, depth)
        other = self.body(otherwise, second, function, depth)
        for name in first.keys() | second.keys():
            values = (first.get(name), second.get(name))
            known = [value for value in values if value is not None]
            names[name] = _joined(known)
        return one if one is not None else other

    def _assign(self, target: ast.expr, value: Pixels, names: Names, source: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple(elts=elements):
                for index, element in enumerate(elements):
                    self._assign(element, _part(value, index, source), names, source)
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
        names[key] = self._calculated(before, op, value, channel)

    def _grow(self, node: ast.expr, names: Names, found: Pixels) -> None:
        """`images.append(image)`."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend")) if _first(
                found
            ):
                names[name] = _first(found)

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
            return self._calculated(one, op, right)
        if isinstance(other, Affine) and one is None and isinstance(op, ast.Mult | ast.Add):
            return self._calculated(other, op, left)
        return LOST

    def _calculated(self, image: Affine, op: ast.operator, node: ast.expr, channel: int = -1) -> Pixels:
        numbers = elements.numbers(self._reader, node)
        if not numbers:
            return LOST
        if channel >= 0:
            neutral = 0.0 if isinstance(op, ast.Add | ast.Sub) else 1.0
            numbers = tuple(each if at == channel else neutral for at, each in enumerate(numbers))
        match op:
            case ast.Mult() if 0 not in numbers:
                return image.times(numbers)
            case ast.Div() if 0 not in numbers:
                return image.times([1 / each for each in numbers])
            case ast.Add():
                return image.plus(numbers)
            case ast.Sub():
                return image.plus([-each for each in numbers])
        return LOST

    def _call(self, call: ast.Call, names: Names, function: str, depth: int) -> Pixels:
        given = [self._pixels(argument, names, function, depth) for argument in call.args]
        given += [self._pixels(keyword.value, names, function, depth) for keyword in call.keywords]
        name = called(call)
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        of = self._pixels(owner, names, function, depth) if owner is not None else None
        image = next((each for each in (_first(of), *map(_first, given)) if each is not None), None)
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
        return self._applied(call, name, image, function)

    def _applied(self, call: ast.Call, name: str, image: Affine | Lost, function: str) -> Pixels:
        """What a library makes of an image."""
        for uses, use in ((DATA, "fit"), (ASKS, "predict"), (SHOWS, "show")):
            if name in uses:
                self._feed(use, image, call, function)
                return None
        known = elements.preprocess_input(self._reader, call.func)
        if name == "train_test_split":
            return tuple(_first(image) if at % 2 == 0 else image for at in range(2 * len(call.args)))
        if isinstance(image, Lost):
            return image
        if known:
            return image.then(known)
        step = self._object(call)
        if step is not None:
            return image.then(step) if isinstance(step, Affine) else LOST
        if any(word in name.lower() for word in HANDED_ON):
            return HANDED
        if name in UNIT:
            return image.times(1 / 255)
        if name in ("cvtColor",):
            code = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
            return image.swapped() if "BGR2RGB" in code or "RGB2BGR" in code else LOST
        if name in (
            "div",
            "div_",
            "mul",
            "mul_",
            "sub",
            "sub_",
            "add",
            "add_",
            "divide",
            "multiply",
            "subtract",
        ):
            op = {"d": ast.Div(), "m": ast.Mult(), "s": ast.Sub(), "a": ast.Add()}[name[0]]
            return self._calculated(image, op, call.args[-1]) if call.args else LOST
        return image if name in SAME else LOST

    def _object(self, call: ast.Call) -> Affine | Lost | None:
        """A call of a transform or a layer that was made before: `transform(image)`, `Rescaling(1/255)(x)`."""
        made = self._reader.expression(call.func)
        chain = composed.chain(self._reader, made, mapped) if isinstance(made, ast.Call) else None
        if chain is None:
            return None
        return chain.values if chain.values is not None and not chain.library else LOST

    def _feed(self, use: str, values: Pixels, node: ast.expr, function: str) -> None:
        first = _first(values)
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
    """What a function given to `map`, `Lambda` or `preprocessing_function` does; None where it cannot be told."""
    known = elements.preprocess_input(reader, function)
    if known:
        return known
    own = reader.local_function(function)
    if own is None:
        return None
    found = _first(Walk(reader).function(own, [Affine()]))
    return found if isinstance(found, Affine) else None


def _joined(values: Sequence[Pixels]) -> Pixels:
    """What a name holds after two ways; an optional transform is one that is given."""
    if not values:
        return None
    if HANDED in values:
        return HANDED
    return values[0] if all(each == values[0] for each in values) else LOST


def _loads(name: str, dotted: str) -> bool:
    return name in LOADERS or (name == "open" and dotted.endswith("Image.open"))


def _first(value: Pixels) -> Affine | Lost | None:
    if isinstance(value, tuple):
        return next((first for each in value if (first := _first(each)) is not None), None)
    return value


def _part(value: Pixels, index: int, source: ast.expr) -> Pixels:
    if isinstance(value, tuple):
        return value[index] if index < len(value) else None
    if isinstance(source, ast.Call) and called(source) == "enumerate":
        return value if index == 1 else None
    return value


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
