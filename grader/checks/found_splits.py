"""The check `splits` without a contract: every source of sizes, named; what proves that splits overlap."""

import ast
from collections.abc import Iterator, Mapping

from msgspec import Struct

from grader import programs, splits
from grader.checks import free_form
from grader.errors import NotMeasured
from grader.logs import discovery, evidence
from grader.logs.records import Log
from grader.programs import Source
from grader.splits import Committed, Sets, Size
from grader.submission import Submission
from grader.verdict import Finding, error, note, warning

READS = ("flow_from_directory", "flow_from_dataframe", "image_dataset_from_directory")


class FoundSplits(Struct, frozen=True):
    """Sizes by every source, and the data sets that the code makes."""

    sizes: tuple[Size, ...]
    committed: Committed
    sets: Sets
    total: int = 0  # images of the whole data set, where a list names them all


def collect(submission: Submission) -> FoundSplits:
    committed = submission.once(splits.committed)
    listed = splits.manifests(submission)
    sources = {source.path: source for source in submission.once(programs.read)}
    logged = [size for log in submission.once(discovery.find).logs for size in _logged(log, sources)]
    total = max((size.images for size in listed if not size.split), default=0)
    stated = [
        Size(claim.value.split, claim.images, claim.where, "README")
        for claim in submission.once(evidence.found).stated
        if claim.images and not claim.approximate
    ]
    sets = splits.sets(submission)
    sizes = (*listed, *committed.sizes, *logged, *stated, *sets.sliced)
    return FoundSplits(sizes, committed, sets, total)


def _logged(log: Log, sources: Mapping[str, Source]) -> Iterator[Size]:
    """`Found 800 images` does not say of which split; the calls of the same cell do, in their order."""
    path, _, cell = log.where.partition("#")
    calls = _reading(sources[path], log.where) if cell and path in sources else []
    unnamed = [size for size in log.sizes if not size.split]
    for size in log.sizes:
        split: str = size.split
        if not split and len(calls) == len(unnamed):
            split = splits.split_of(*calls[unnamed.index(size)])
        yield Size(split, size.images, size.where, "log")


def _reading(source: Source, place: str) -> list[tuple[str, str]]:
    """The names and folders of a cell's data sets: of its calls, else of what one call returns."""
    found, returned = [], []
    for node in ast.walk(source.tree) if source.tree else ():
        if isinstance(node, ast.Assign) and source.place(node.lineno) == place:
            for call in ast.walk(node.value):
                if isinstance(call, ast.Call) and programs.called(call) in READS:
                    found.append((node.lineno, ast.unparse(node.targets[0]), ast.unparse(call)))
            if isinstance(node.targets[0], ast.Tuple):
                names = [ast.unparse(each) for each in node.targets[0].elts]
                returned += [(name, "") for name in names if splits.split_of(name)]
    return [(target, text) for _, target, text in sorted(found)] or returned


def judge(measured: FoundSplits, wanted: Mapping[str, int]) -> Iterator[Finding]:
    """`wanted` are the images that each split needs, all classes together."""
    yield free_form.said()
    yield from _describe(measured)
    yield from _judge_overlap(measured)
    yield from _judge_test_set(measured)
    yield from _judge_counts(measured, wanted)


def _describe(measured: FoundSplits) -> Iterator[Finding]:
    known = dict.fromkeys(
        (size.split or "a list", size.images, size.source, size.where) for size in measured.sizes
    )
    for split, images, source, where in list(known)[: 2 * free_form.SHOWN]:
        yield note(f"{split}: {images} images, by a {source}", where)
    for fact, where in measured.sets.facts[: free_form.SHOWN]:
        yield note(fact, where)


def _judge_overlap(measured: FoundSplits) -> Iterator[Finding]:
    committed = measured.committed
    for first, second in committed.repeated:
        yield error(f"{second} is {first} byte for byte, in another split", second,
                    "an image may stand in one split: what a network has seen cannot test it")  # fmt: skip
    if committed.copies > len(committed.repeated):
        yield note(f"{committed.copies} images stand in two splits in all")
    for test, train in measured.sets.same_folder[:1]:
        yield error(f"the test set is read from the folder of the training set, {train.folder}", test.where)
    surplus = splits.pigeonhole([size for size in measured.sizes if size.source == "log"], measured.total)
    if surplus:
        yield error(f"the splits have {surplus} images more than the {measured.total} that the data "
                    f"set lists: at"
                    f" least so many stand in two splits")  # fmt: skip
    for place in measured.sets.reshuffled[:1]:
        yield warning(
            "take and skip on a data set that is shuffled anew at each pass mix the splits",
            place, "shuffle once, with reshuffle_each_iteration=False, or split the files",
        )  # fmt: skip


def _judge_test_set(measured: FoundSplits) -> Iterator[Finding]:
    sets, named = measured.sets, {size.split for size in measured.sizes}
    if sets.test_fitted:
        yield error("the test set is also the validation set", sets.test_fitted.where,
                    "choose the network by validation images, and test it once on others")  # fmt: skip
    elif not sets.trains or "test" in sets.splits | named:
        return
    elif sets.unread:
        raise NotMeasured(
            f"no test set is to be seen, but these cannot be read: {', '.join(sets.unread[:3])}"
        )
    elif sets.made:
        has = "only training and validation sets" if "val" in sets.splits else "no test set"
        yield error(f"there is no separate test set: the programs make {has}", sets.made[0].where,
                    "keep images aside that neither training nor the choice of the network has "
                    "seen")  # fmt: skip


def _judge_counts(measured: FoundSplits, wanted: Mapping[str, int]) -> Iterator[Finding]:
    """Only what all sources agree on decides."""
    by_split = {split: {size.images for size in measured.sizes if size.split == split} for split in wanted}
    for split, found in by_split.items():
        if len(found) == 1 and found != {wanted[split]}:
            yield error(f"{found.copy().pop()} {split} images, expected {wanted[split]}",
                        next(size.where for size in measured.sizes if size.split == split))  # fmt: skip
        elif len(found) > 1:
            yield note(f"the sources differ on the {split} images: {', '.join(map(str, sorted(found)))}")
    if measured.sets.reshuffled:
        raise NotMeasured("whether the splits overlap depends on how often the data set was shuffled")
    unknown = [split for split, found in by_split.items() if len(found) != 1]
    if unknown:
        raise NotMeasured(
            f"nothing says how many images these splits have: {', '.join(unknown)}",
            "hand in a list of images with the columns image_id,label,split",
        )
