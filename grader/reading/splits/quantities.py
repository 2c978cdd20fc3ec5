"""What constants in programs say about sizes: shares, slices, samples, batches."""

import ast
import re
from collections.abc import Iterator

from grader.reading.programs import Reader
from grader.reading.programs.bindings import argument, called
from grader.reading.splits.size import Size, split_of

SPLIT_AT = re.compile(r"train|val|test|split|cut|border|^n$|n_|num|size|count|len|idx|index", re.IGNORECASE)
SAMPLERS = ("sample", "limit", "choices", "takeSample")
FEWEST = 20  # images; fewer are to be looked at
STEPS = ("steps_per_epoch", "samples_per_epoch", "drop_remainder", "drop_last", "steps")


def facts(reader: Reader) -> Iterator[tuple[str, str]]:
    """What the code says, and where."""
    for call in reader.calls():
        name = called(call)
        if name == "train_test_split":
            share = reader.value(argument(call, -1, "test_size"))
            if isinstance(share, int | float):
                yield f"{share:g} of the images are split off", reader.place(call)
        elif name == "random_split":
            shares = reader.value(argument(call, 1, "lengths"))
            if isinstance(shares, tuple):
                yield f"random split into {', '.join(map(str, shares))}", reader.place(call)
        for keyword in call.keywords:
            share = reader.value(keyword.value) if keyword.arg == "validation_split" else None
            if isinstance(share, int | float):
                yield f"{share:g} of the images are for validation", reader.place(call)
    yield from _shares(reader)
    yield from _sampled(reader)


def _shares(reader: Reader) -> Iterator[tuple[str, str]]:
    """`train_size = int(len(files) * 0.8)`, `cut = int(n * 0.8)`; any other share is not of a list."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            match node:
                case ast.Assign(targets=[target, *_], value=value) if SPLIT_AT.search(ast.unparse(target)):
                    for call in [each for each in ast.walk(value) if isinstance(each, ast.Call)]:
                        share = _share(reader, call.args[0]) if called(call) == "int" and call.args else None
                        if share is not None:
                            yield f"{share:g} of a list is split off", source.place(node.lineno)


def _share(reader: Reader, node: ast.expr) -> float | None:
    """The share in `len(files) * 0.8` and in `count * (1 - ratio)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for side in (node.left, node.right):
            value = reader.value(side)
            if isinstance(value, float) and 0 < value < 1:
                return value
    return None


def _sampled(reader: Reader) -> Iterator[tuple[str, str]]:
    """`random.sample(cats, 400)`; `women.limit(150).union(men.limit(150))`: 150 + 150."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.Assign):
                calls = [each for each in ast.walk(node.value) if isinstance(each, ast.Call)]
                counts = [count for call in calls if (count := _count(reader, call))]
                if counts:
                    yield f"{' + '.join(map(str, counts))} are sampled", source.place(node.lineno)


def _count(reader: Reader, call: ast.Call) -> int:
    if called(call) not in SAMPLERS or not isinstance(call.func, ast.Attribute):
        return 0
    position = 1 if called(call) in ("sample", "choices") and len(call.args) > 1 else 0
    count = reader.value(argument(call, position, "n", "k", "num"))
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= FEWEST else 0


def sliced(reader: Reader) -> Iterator[Size]:
    """`train_cats = cats[:500]`, `train_dogs = dogs[:500]`: 1000 training images."""
    found: dict[str, tuple[int, str]] = {}
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(slice=ast.Slice() as part)):
                    length, split = _length(reader, part), split_of(name)
                    if split and length > 0:
                        images, where = found.get(split, (0, source.place(node.lineno)))
                        found[split] = (images + length, where)
    yield from (Size(split, images, where, "slice in the code") for split, (images, where) in found.items())


def _length(reader: Reader, part: ast.Slice) -> int:
    first = reader.value(part.lower) if part.lower else 0
    last = reader.value(part.upper)
    known = isinstance(first, int) and isinstance(last, int) and 0 <= first < last and not part.step
    return last - first if known else 0


def batch(reader: Reader) -> int:
    """The one batch size of a program; 0 where it has several, none, or does not pass over whole splits."""
    sizes = set()
    for call in reader.calls():
        if any(keyword.arg in STEPS for keyword in call.keywords):
            return 0
        given = argument(call, -1, "batch_size")
        if given is not None:
            sizes.add(reader.value(given))
    only = sizes.pop() if len(sizes) == 1 else 0
    return only if isinstance(only, int) and not isinstance(only, bool) and only > 0 else 0
