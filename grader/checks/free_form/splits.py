"""The check `splits` without a contract: every source of sizes, named; what proves that splits overlap."""

from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from grader.checks import free_form
from grader.checks.free_form import sizes as found_sizes
from grader.checks.free_form import twins as found_twins
from grader.checks.free_form.twins import Twins
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, Unmeasured, error, note, warning
from grader.reading import deliverables, splits
from grader.reading.splits import Committed, Known, Sets, Size
from grader.submission import Submission


class FoundSplits(Struct, frozen=True, kw_only=True, tag="free-form"):
    """Sizes by every source, and the data sets that the code makes."""

    sizes: tuple[Size, ...]
    committed: Committed
    sets: Sets
    total: int = 0  # images of the whole data set, where a list names them all
    known: Known | None = None
    twins: Twins | Unmeasured = Twins()
    sample: bool = False  # what is committed may be one: data is downloaded, or programs name no such folder


def collect(submission: Submission) -> FoundSplits:
    sets = submission.once(splits.sets)
    sizes = submission.once(found_sizes.of)
    return FoundSplits(
        sizes=sizes,
        committed=replace(submission.once(splits.committed), paths=()),  # too many to keep
        sets=sets,
        total=max((size.images for size in sizes if size.source == "manifest" and not size.split), default=0),
        known=found_sizes.known(submission),
        twins=found_twins.look(submission),
        sample=bool(submission.once(deliverables.downloads).found)
        or not submission.once(deliverables.pictures),
    )


def judge(measured: FoundSplits, wanted: Mapping[str, int], tolerance: int) -> Iterator[Finding]:
    """`wanted` are the images that each split needs, all classes together; so many more or less will do."""
    yield from _describe(measured)
    yield from _judge_overlap(measured)
    yield from found_twins.judge(measured.twins)
    yield from _judge_pigeonhole(measured)
    yield from _judge_test_set(measured)
    yield from _judge_counts(measured, wanted, tolerance)


def verified(measured: FoundSplits, names: Sequence[str]) -> str:
    """Of classes nothing is known; copies are only looked for among images that are committed."""
    told = [
        (splits.together([size for size in measured.sizes if size.split == name]), name) for name in names
    ]
    sizes = ", ".join(f"{agreed[0]} {name}" for agreed, name in told if agreed)
    committed = (
        "no committed image stands in two" if measured.committed.sizes else "no images are here to compare"
    )
    return f"All sources agree on {sizes} images, all classes together; {committed}."


def _describe(measured: FoundSplits) -> Iterator[Finding]:
    """Each number once for each source, with the first place that says so."""
    first: dict[tuple[str, str, str], str] = {}
    named = {size.images for size in measured.sizes if size.split}
    told = [size for size in measured.sizes if size.split or size.images not in named]
    for size in sorted(told, key=lambda size: size.split == ""):
        first.setdefault((size.words, f"{size.split} images".strip(), size.source), size.where)
    for (number, images, source), where in list(first.items())[: 2 * free_form.SHOWN]:
        yield note(f"{number} {images} ({source})", where)
    for fact, where in measured.sets.facts[: free_form.SHOWN]:
        yield note(fact, where)
    if measured.known:
        yield note(
            f"{measured.known.title}, which is named here, has {measured.known.images} labelled images"
        )


def _judge_overlap(measured: FoundSplits) -> Iterator[Finding]:
    committed = measured.committed
    for first, second in committed.repeated:
        yield error(
            f"{second} is {first} byte for byte, in another split",
            second,
            "an image may stand in one split: what a network has seen cannot test it",
        )
    if committed.copies > len(committed.repeated):
        yield note(f"{committed.copies} images stand in two splits in all")
    for test, train in measured.sets.same_folder[:1]:
        yield error(f"the test set is read from the folder of the training set, {train.folder}", test.where)
    for place in measured.sets.reshuffled[:1]:
        yield warning(
            "take and skip on a data set that is shuffled anew at each pass mix the splits",
            place,
            "shuffle once, with reshuffle_each_iteration=False, or split the files",
        )


def _judge_pigeonhole(measured: FoundSplits) -> Iterator[Finding]:
    """A list of the repository decides. Of a well-known set, somebody may have added images."""
    logged = [size for size in measured.sizes if size.source.startswith("log")]
    whole = all(size.range[0] <= measured.total for size in logged)  # else the list is of something else
    surplus = splits.pigeonhole(logged, measured.total) if whole else 0
    if surplus:
        yield error(
            f"the splits have {surplus} images more than the {measured.total} that the data set lists: "
            "at least so many stand in two splits"
        )
    known = measured.known
    surplus = splits.pigeonhole(logged, known.images) if known else 0
    if known and surplus:
        yield warning(
            f"the splits have {surplus} images more than the {known.images} of {known.title}: "
            "at least so many stand in two splits, unless other images were added"
        )


def _judge_test_set(measured: FoundSplits) -> Iterator[Finding]:
    sets, named = measured.sets, {size.split for size in measured.sizes}
    if sets.test_fitted:
        yield error(
            "the test set is also the validation set",
            sets.test_fitted.where,
            "choose the network by validation images, and test it once on others",
        )
    elif "test" in sets.splits | named:
        yield from _judge_watching(sets, named)
    elif not sets.trainers and not sets.unread:
        return
    elif sets.unread:
        raise NotMeasured(
            f"no test set is to be seen, but these cannot be read: {', '.join(sets.unread[:3])}"
        )
    elif "test" in sets.named:
        raise NotMeasured("names in the programs are about a test set, but nothing shows which images it has")
    elif not sets.splits:
        raise NotMeasured("nothing in the programs is called a training, validation or test set")
    else:
        has = "only training and validation sets" if "val" in sets.splits else "no test set"
        yield error(
            f"there is no separate test set: the programs make {has}",
            min((each for each in sets.made if each.split), key=lambda each: each.call == "list").where,
            "keep images aside that neither training nor the choice of the network has seen",
        )


def _judge_watching(sets: Sets, named: set[str]) -> Iterator[Finding]:
    if sets.watched and "val" not in sets.splits | named:
        yield warning(
            "the test set is looked at while the network trains, and no other set validates",
            sets.watched[0],
            "choose the network by validation images, and test it once on others",
        )


def _cut(measured: FoundSplits, sources: Set[str]) -> bool:
    """Whether something may still be split off from what is told."""
    used = any(source.startswith("log:") for source in sources)  # by a training or an evaluation itself
    whole = all(size.split != "val" for size in measured.sizes)
    return bool(measured.sets.shares) and whole and not used


def _doubt(measured: FoundSplits, sizes: Sequence[Size], sources: Set[str]) -> str:
    """Why these sizes may be of something else than the training."""
    if sources == {splits.SLICED}:
        return "of how many lists a slice is taken nobody sees"
    if sources == {"folder"} and measured.sample:
        return "what is committed may be a sample"
    silent = measured.sets.silent([size.where for size in sizes])
    return f"{silent} may use others" if silent and "manifest" not in sources else ""


def _wrong(measured: FoundSplits, sizes: Sequence[Size], agreed: tuple[int, int], wanted: range) -> Finding:
    """Of sizes that are not the wanted ones; a note where it is open whether they count."""
    sources, where = {size.source for size in sizes}, sizes[0].where
    least, most = agreed
    images = f"{least} to {most}" if least < most else str(most)
    told = f"{images} {sizes[0].split} images"
    cut = _cut(measured, sources)
    doubt = _doubt(measured, sizes, sources)
    if cut and measured.sets.may_leave(agreed, wanted):
        doubt = f"a part of them may be split off (at {measured.sets.facts[0][1]})"
    if doubt:
        return note(f"{told} decide nothing: {doubt}", where)
    return error(f"{told}{' or a part of them' if cut else ''}, expected {wanted[len(wanted) // 2]}", where)


def _judge_counts(measured: FoundSplits, wanted: Mapping[str, int], tolerance: int) -> Iterator[Finding]:
    """Only what all sources of a split agree on decides."""
    open_splits = []
    for split, number in wanted.items():
        right = range(number - tolerance, number + tolerance + 1)
        sizes = [size for size in measured.sizes if size.split == split]
        agreed = splits.together(sizes)
        if sizes and agreed is None:
            told = ", ".join(dict.fromkeys(size.words for size in sizes))
            yield note(f"the sources differ on the {split} images: {told}")
        if agreed is None or not sizes:
            open_splits.append(split)
        elif agreed[1] < right[0] or agreed[0] > right[-1]:
            finding = _wrong(measured, sizes, agreed, right)
            yield finding
            open_splits += [split] if finding.level == "note" else []
        elif agreed[0] not in right or agreed[1] not in right:
            open_splits.append(split)
    if measured.sets.reshuffled:
        raise NotMeasured("whether the splits overlap depends on how often the data set was shuffled")
    if open_splits:
        raise NotMeasured(
            f"no exact number of images was found for these splits: {', '.join(open_splits)}",
            "hand in a list of images with the columns image_id,label,split",
        )
