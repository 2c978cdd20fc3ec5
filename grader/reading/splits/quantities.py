"""What constants in programs say about sizes: shares, slices, samples, batches."""

import ast
import re
from collections.abc import Iterator

from grader.reading.programs import Reader
from grader.reading.programs.bindings import argument, called
from grader.reading.programs.flow import Flow
from grader.reading.splits.size import Size, split_of

SPLIT_AT = re.compile(r"train|val|test|split|cut|border|^n$|n_|num|size|count|len|idx|index", re.IGNORECASE)
SAMPLERS = ("sample", "limit", "choices", "takeSample")
SLICED = "slice in the code"
LABELS = re.compile(r"label|target|^y_|_y$|_y_|name", re.IGNORECASE)
FEWEST = 20  # images; fewer are to be looked at
STEPS = ("steps_per_epoch", "samples_per_epoch", "drop_remainder", "drop_last", "steps")


Part = tuple[str, str, float]  # what the code says, where, and the share that it splits off; 1: no share


def facts(reader: Reader) -> Iterator[Part]:
    """What the code says about parts of the data."""
    for call in reader.calls():
        name = called(call)
        if name == "train_test_split":
            share = reader.value(argument(call, -1, "test_size"))
            if isinstance(share, int | float) and share > 0:
                yield f"{share:g} of {_named(call)} is split off", reader.place(call), share
        elif name == "random_split":
            shares = reader.value(argument(call, 1, "lengths"))
            if isinstance(shares, tuple):
                for share in shares:
                    yield f"random split into {', '.join(map(str, shares))}", reader.place(call), share
        for keyword in call.keywords:
            share = reader.value(keyword.value) if keyword.arg == "validation_split" else None
            if isinstance(share, int | float) and share > 0:
                yield f"{share:g} of the data are for validation", reader.place(call), share
    yield from _shares(reader)
    yield from _sampled(reader)


def _named(call: ast.Call) -> str:
    """A part may be split once more: it is what the program calls it, not all data."""
    return ast.unparse(call.args[0])[:40] if call.args else "some data"


def _shares(reader: Reader) -> Iterator[Part]:
    """`train_size = int(len(files) * 0.8)`, `cut = int(n * 0.8)`; any other share is not of a list."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            match node:
                case ast.Assign(targets=[target, *_], value=value) if SPLIT_AT.search(ast.unparse(target)):
                    for call in [each for each in ast.walk(value) if isinstance(each, ast.Call)]:
                        share = _share(reader, call.args[0]) if called(call) == "int" and call.args else None
                        if share is not None:
                            yield f"{share:g} of a list is split off", source.place(node.lineno), share


def _share(reader: Reader, node: ast.expr) -> float | None:
    """The share in `len(files) * 0.8` and in `count * (1 - ratio)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for side in (node.left, node.right):
            value = reader.value(side)
            if isinstance(value, float) and 0 < value < 1:
                return value
    return None


def _sampled(reader: Reader) -> Iterator[Part]:
    """`random.sample(cats, 400)`; `women.limit(150).union(men.limit(150))`: 150 + 150."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.Assign):
                calls = [each for each in ast.walk(node.value) if isinstance(each, ast.Call)]
                counts = [count for call in calls if (count := _count(reader, call))]
                if counts:
                    yield f"{' + '.join(map(str, counts))} are sampled", source.place(node.lineno), 1


def _count(reader: Reader, call: ast.Call) -> int:
    if called(call) not in SAMPLERS or not isinstance(call.func, ast.Attribute):
        return 0
    position = 1 if called(call) in ("sample", "choices") and len(call.args) > 1 else 0
    count = reader.value(argument(call, position, "n", "k", "num"))
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= FEWEST else 0


def sliced(script: Flow) -> Iterator[Size]:
    """`train_cats = cats[:500]`, `train_dogs = dogs[:500]`: 1000 training images, as often as a loop runs.

    Of a loop that runs nobody knows how often, and of slices that overlap, nothing is said.
    """
    lengths: dict[int, int] = {}
    found: dict[str, tuple[int, str]] = {}
    unsure = set()
    for use in script.uses:
        if use.kind == "slice":
            lengths[id(use.node)] = _length(use.constant)
        elif use.kind == "name" and isinstance(use.node, ast.Assign) and not LABELS.search(use.what):
            length, split = lengths.get(id(use.node.value), 0), split_of(use.what)
            if split and id(use.node.value) in lengths:
                images, where = found.get(split, (0, use.place))
                found[split] = (images + length, where)
                if use.unsure or not length or _is_cut_again(script, use.what):
                    unsure.add(split)
    yield from (
        Size(split, images, where, SLICED) for split, (images, where) in found.items() if split not in unsure
    )


def _is_cut_again(script: Flow, name: str) -> bool:
    """`train = cats[:600]`, then `train, val = train[:500], train[500:]`."""
    return any(
        use.kind == "slice" and isinstance(use.node, ast.Subscript) and ast.unparse(use.node.value) == name
        for use in script.uses
    )


def _length(ends: tuple[object, ...]) -> int:
    first, last, step = ends
    first = 0 if first is None else first
    known = isinstance(first, int) and isinstance(last, int) and 0 <= first < last and step is None
    return last - first if known and isinstance(first, int) and isinstance(last, int) else 0


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
