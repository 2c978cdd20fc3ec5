"""The data sets that programs make, which split each is, and what code does to keep them apart."""

import ast
import re
from collections.abc import Iterator, Set

from grader.reading.programs import Reader, flow, follow, read, unread
from grader.reading.programs.bindings import argument, called
from grader.reading.splits import quantities
from grader.reading.splits.records import Made, Sets
from grader.reading.splits.size import holds_images, names_images, split_of
from grader.submission import Submission

MAKERS = (
    "flow_from_directory", "flow_from_dataframe", "image_dataset_from_directory", "ImageFolder", "DataLoader",
    "train_test_split", "random_split", "take", "skip", "load_dataset", "Subset", "from_folder",
    "StratifiedShuffleSplit",
    "flow", "ImageDataLoaders", "ratio",
)  # fmt: skip
# These read every image below their folder; others may read a part of it, by name or by number.
READERS = ("flow_from_directory", "image_dataset_from_directory", "ImageFolder")
DEALERS = ("Subset", "random_split", "SubsetRandomSampler", "train_test_split", "KFold", "StratifiedKFold",
           "StratifiedShuffleSplit")  # fmt: skip
TRAINS = ("fit", "fit_generator", "backward", "fine_tune")
LISTED = ast.Subscript | ast.ListComp | ast.BinOp | ast.List
BOTH = re.compile(r"train_?(?:val_?)?test", re.IGNORECASE)  # `load_train_test_split`
DATA = r"split|test|val_|[Dd]ataset|flow_from"
KEPT = 30


def sets(submission: Submission) -> Sets:
    """What all programs say together; of one that is too intricate to follow nothing but its path."""
    sources = submission.once(read)
    parts, left_out = follow(sources, _of_program)
    batches = {path: size for part in parts for path, size in part.batches.items()}
    return Sets(
        made=tuple(dict.fromkeys(each for part in parts for each in part.made))[:KEPT],
        reshuffled=tuple(place for part in parts for place in part.reshuffled)[:KEPT],
        watched=tuple(place for part in parts for place in part.watched)[:KEPT],
        batches=batches,
        facts=tuple(dict.fromkeys(fact for part in parts for fact in part.facts))[:KEPT],
        shares=tuple(dict.fromkeys(share for part in parts for share in part.shares)),
        sliced=tuple(
            dict.fromkeys(size for script in submission.once(flow.of) for size in quantities.sliced(script))
        )[:KEPT],
        trainers=tuple(paths for part in parts for paths in part.trainers),
        named=tuple(sorted({split for part in parts for split in part.named})),
        deals=any(part.deals for part in parts),
        unread=(*left_out, *unread(sources, DATA)),
    )


def _of_program(reader: Reader) -> Sets:
    names = {called(call) for call in reader.calls()}
    paths = tuple(source.path for source in reader.program.sources)
    parts = tuple(quantities.facts(reader))
    return Sets(
        made=tuple(_made(reader)),
        reshuffled=tuple(_reshuffled(reader)),
        watched=tuple(_watched(reader)),
        batches=dict.fromkeys(paths, quantities.batch(reader)),
        facts=tuple(dict.fromkeys((words, place) for words, place, _ in parts)),
        shares=tuple(share if isinstance(share, int | float) else 1 for _, _, share in parts),
        trainers=() if names.isdisjoint(TRAINS) else (paths,),
        named=tuple(set(_named(reader))),
        deals=not names.isdisjoint(DEALERS),
    )


def _made(reader: Reader) -> Iterator[Made]:
    validated = set(_validation_names(reader))
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.Assign):
                yield from _assigned(reader, node, validated)


def _assigned(reader: Reader, node: ast.Assign, validated: Set[str]) -> Iterator[Made]:
    names = _targets(node)
    holders = [name for name in names if holds_images(name)]
    whole = {id(each) for each in (node.value.elts if isinstance(node.value, ast.Tuple) else [node.value])}
    splits = _comprehended(reader, node)
    for call in [each for each in ast.walk(node.value) if isinstance(each, ast.Call)]:
        known = called(call) in MAKERS or _is_own_data_set(called(call))
        own = id(call) in whole and called(call) not in ("int", "len", "sum")
        targets = names if known else holders if own else []
        reader.spend(1 + len(targets) + len(splits))
        yield from (_set(reader, call, target, validated) for target in targets)
        yield from (Made(split, called(call), reader.place(call)) for split in splits if targets)
    if isinstance(node.value, LISTED) and not getattr(node.value, "elts", ()):  # or a few pictures
        yield from (Made(split_of(name), "list", reader.place(node)) for name in holders)


def _is_own_data_set(name: str) -> bool:
    """A class of one's own. One of images without labels can test nothing."""
    return name.endswith(("Dataset", "dataset")) and "unlabel" not in name.lower()


def _set(reader: Reader, call: ast.Call, target: str, validated: Set[str]) -> Made:
    folder = argument(call, 0, "directory", "root", "path")
    resolved = reader.value(folder) if folder is not None else None
    path = resolved if isinstance(resolved, str) else ""
    whole = _whole(reader, folder) if folder is not None and path else ""
    subset = reader.value(argument(call, -1, "subset", "split"))
    words = (
        subset if isinstance(subset, str) else "",
        target,
        path.rpartition("/")[2],
        ast.unparse(folder) if folder else "",
    )
    reads = called(call) in READERS
    return Made(
        split_of(*words), called(call), reader.place(call), whole if reads else "", target in validated
    )


def _whole(reader: Reader, folder: ast.expr) -> str:
    """The path; a root that nobody knows stays as it is written, "" where another part is not known."""
    made = reader.expression(folder)
    if isinstance(made, ast.JoinedStr) and not all(isinstance(part, ast.Constant) for part in made.values):
        return ""
    if isinstance(made, ast.Call) and called(made) == "join":
        parts = [_whole(reader, part) for part in made.args]
        rest = [isinstance(reader.value(part), str) for part in made.args[1:]]
        return "/".join(parts) if all(parts) and all(rest) else ""
    known = reader.value(folder)
    return known if isinstance(known, str) else ast.unparse(folder)


def _comprehended(reader: Reader, node: ast.Assign) -> list[str]:
    """The splits in `{x: ImageFolder(folder / x) for x in ["train", "val"]}`."""
    loops = [each for part in ast.walk(node.value) for each in getattr(part, "generators", ())]
    names = [reader.value(loop.iter) for loop in loops]
    several = [name for each in names if isinstance(each, tuple) for name in each if isinstance(name, str)]
    return [split for name in several if (split := split_of(name))]


def _targets(node: ast.Assign) -> list[str]:
    names = [
        each
        for target in node.targets
        for each in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    return [ast.unparse(name) for name in names]


def _validation_names(reader: Reader) -> Iterator[str]:
    for call in reader.calls():
        given = argument(
            call, -1, "validation_data", "eval_dataset", "val_dataloaders", "validation_generator"
        )
        if given is not None:
            yield from (node.id for node in ast.walk(given) if isinstance(node, ast.Name))


def _reshuffled(reader: Reader) -> Iterator[str]:
    """`image_dataset_from_directory` and `shuffle` deal anew at each pass unless they are told not to.

    `take(1)` without any `skip` only looks at a batch.
    """
    dealt = [call for call in reader.calls() if called(call) in ("take", "skip")]
    if any(called(call) == "skip" for call in dealt):
        for call in dealt:
            if isinstance(call.func, ast.Attribute) and _is_dealt_anew(reader, call.func.value):
                yield reader.place(call)


def _is_dealt_anew(reader: Reader, origin: ast.expr) -> bool:
    for _ in range(6):
        origin = reader.expression(origin)
        if not isinstance(origin, ast.Call):
            return False
        if called(origin) == "image_dataset_from_directory":
            return reader.value(argument(origin, -1, "shuffle")) is not False
        if called(origin) == "shuffle":
            return reader.value(argument(origin, 2, "reshuffle_each_iteration")) is not False
        if not isinstance(origin.func, ast.Attribute):
            return False
        origin = origin.func.value
    return False


def _named(reader: Reader) -> Iterator[str]:
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name):
                    if names_images(name):
                        yield split_of(name)
                    elif BOTH.search(name):
                        yield "test"
                case ast.Subscript(slice=ast.Constant(value="test" | "testing" | "test_set")):
                    yield "test"


def _watched(reader: Reader) -> Iterator[str]:
    """Loops over epochs in which the test set is named: what is looked at each time chooses the network."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.For) and "epoch" in ast.unparse(node.target).lower():
                names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
                tests = [name for name in names if holds_images(name.id) and split_of(name.id) == "test"]
                yield from (source.place(name.lineno) for name in tests[:1])
