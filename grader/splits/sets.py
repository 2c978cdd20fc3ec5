"""The data sets that programs make, which split each is, and what code does to keep them apart."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from grader.programs import Reader, programs, read, unread
from grader.programs.bindings import argument, called
from grader.splits import quantities
from grader.splits.size import Size, holds_images, names_images, split_of
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
LISTED = ast.Subscript | ast.ListComp | ast.BinOp | ast.List
BOTH = re.compile(r"train_?(?:val_?)?test", re.IGNORECASE)  # `load_train_test_split`
DATA = r"split|test|val_|[Dd]ataset|flow_from"
KEPT = 30


class Made(Struct, frozen=True):
    """A data set: which split its name or folder says, by which call. `folder` is resolved, or empty."""

    split: str
    call: str
    where: str
    folder: str = ""
    fitted: bool = False  # handed to a training as validation data


class Sets(Struct, frozen=True, kw_only=True):
    """`reshuffled`: take and skip on what is shuffled anew at each pass. `facts` are sizes in words.

    `watched`: loops over epochs that look at the test set. `batches`: the batch size of each source.
    """

    made: tuple[Made, ...] = ()
    reshuffled: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    batches: dict[str, int] = {}
    facts: tuple[tuple[str, str], ...] = ()  # (what the code says, where)
    sliced: tuple[Size, ...] = ()
    trains: bool = False
    named: tuple[str, ...] = ()  # splits that names are about, whether or not they are made
    deals: bool = False  # something picks images by their numbers
    unread: tuple[str, ...] = ()

    @property
    def splits(self) -> frozenset[str]:
        return frozenset(each.split for each in self.made if each.split)

    @property
    def test_fitted(self) -> Made | None:
        """A test set that a training is given as validation data, where nothing else validates."""
        fitted = next((each for each in self.made if each.split == "test" and each.fitted), None)
        return fitted if fitted and "val" not in self.splits.union(self.named) else None

    @property
    def same_folder(self) -> tuple[tuple[Made, Made], ...]:
        """A test set and a training set of one folder, where nothing deals its images out to them."""
        named = [each for each in self.made if each.folder and not self.deals]
        return tuple(
            (test, train)
            for test in named
            for train in named
            if test.split == "test" and train.split == "train" and test.folder == train.folder
        )


def sets(submission: Submission) -> Sets:
    sources = submission.once(read)
    made: list[Made] = []
    reshuffled: list[str] = []
    watched: list[str] = []
    batches: dict[str, int] = {}
    named: set[str] = set()
    facts: list[tuple[str, str]] = []
    sliced: list[Size] = []
    trains = deals = False
    for program in programs(sources):
        reader = Reader(program)
        made += _made(reader)
        reshuffled += _reshuffled(reader)
        watched += _watched(reader)
        named.update(_named(reader))
        facts += quantities.facts(reader)
        sliced += quantities.sliced(reader)
        batches |= dict.fromkeys((source.path for source in program.sources), quantities.batch(reader))
        trains = trains or any(
            called(call) in ("fit", "fit_generator", "backward", "fine_tune") for call in reader.calls()
        )
        deals = deals or any(called(call) in DEALERS for call in reader.calls())
    return Sets(
        made=tuple(dict.fromkeys(made))[:KEPT],
        reshuffled=tuple(reshuffled[:KEPT]),
        watched=tuple(watched[:KEPT]),
        batches=batches,
        facts=tuple(dict.fromkeys(facts))[:KEPT],
        sliced=tuple(sliced[:KEPT]),
        trains=trains,
        named=tuple(sorted(named)),
        deals=deals,
        unread=unread(sources, DATA),
    )


def _made(reader: Reader) -> Iterator[Made]:
    validated = set(_validation_names(reader))
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            if isinstance(node, ast.Assign):
                for call in [each for each in ast.walk(node.value) if isinstance(each, ast.Call)]:
                    targets = _made_by(node, call)
                    yield from (_set(reader, call, target, validated) for target in targets)
                    yield from _comprehended(reader, node, call) if targets else ()
                if isinstance(node.value, LISTED) and not getattr(
                    node.value, "elts", ()
                ):  # or a few pictures
                    names = (name for name in _targets(node) if holds_images(name))
                    yield from (Made(split_of(name), "list", source.place(node.lineno)) for name in names)


def _made_by(node: ast.Assign, call: ast.Call) -> list[str]:
    """Every name that a known call is assigned to; of other calls those that are called like a data set."""
    if called(call) in MAKERS or _is_own_data_set(called(call)):
        return _targets(node)
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    own = call in values and called(call) not in ("int", "len", "sum")
    return [name for name in _targets(node) if own and holds_images(name)]


def _is_own_data_set(name: str) -> bool:
    """A class of one's own. One of images without labels can test nothing."""
    return name.endswith(("Dataset", "dataset")) and "unlabel" not in name.lower()


def _set(reader: Reader, call: ast.Call, target: str, validated: set[str]) -> Made:
    folder = argument(call, 0, "directory", "root", "path")
    resolved = reader.value(folder) if folder is not None else None
    path = resolved if isinstance(resolved, str) else ""
    subset = reader.value(argument(call, -1, "subset", "split"))
    words = (
        subset if isinstance(subset, str) else "",
        target,
        path.rpartition("/")[2],
        ast.unparse(folder) if folder else "",
    )
    reads = called(call) in READERS
    return Made(
        split_of(*words), called(call), reader.place(call), path if reads else "", target in validated
    )


def _comprehended(reader: Reader, node: ast.Assign, call: ast.Call) -> Iterator[Made]:
    """`{x: ImageFolder(folder / x) for x in ["train", "val"]}`."""
    for each in ast.walk(node.value):
        for generator in getattr(each, "generators", ()):
            names = reader.value(generator.iter)
            for name in names if isinstance(names, tuple) else ():
                if isinstance(name, str) and split_of(name):
                    yield Made(split_of(name), called(call), reader.place(call))


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
    """`image_dataset_from_directory` and `shuffle` deal anew at each pass unless they are told not to."""
    for call in reader.calls():
        if called(call) not in ("take", "skip") or not isinstance(call.func, ast.Attribute):
            continue
        origin: ast.expr = call.func.value
        for _ in range(6):
            origin = reader.expression(origin)
            if not isinstance(origin, ast.Call):
                break
            if called(origin) == "image_dataset_from_directory":
                if reader.value(argument(origin, -1, "shuffle")) is not False:
                    yield reader.place(call)
                break
            if called(origin) == "shuffle":
                if reader.value(argument(origin, 2, "reshuffle_each_iteration")) is not False:
                    yield reader.place(call)
                break
            if not isinstance(origin.func, ast.Attribute):
                break
            origin = origin.func.value


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
