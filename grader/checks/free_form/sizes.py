"""How many images each split has, by every source of a repository without a contract."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from grader.reading import deliverables, logs, programs, splits
from grader.reading.logs.claims import Claim
from grader.reading.logs.records import Log
from grader.reading.splits import Known, Size
from grader.submission import Submission

if TYPE_CHECKING:
    from grader.reading.programs import Source

FEWEST = 65  # images of an evaluation; 64 may be one batch
READS = ("flow_from_directory", "flow_from_dataframe", "image_dataset_from_directory")


def of(submission: Submission) -> tuple[Size, ...]:
    """Manifests, folders, logs, the README and the code, in this order."""
    sets = submission.once(splits.sets)
    sources = {source.path: source for source in submission.once(programs.read)}
    found = submission.once(logs.find).logs
    stated = [
        Size(claim.value.split, claim.images, claim.where, "README")
        for claim in submission.once(logs.found).stated
        if claim.images and not claim.approximate
    ]
    return (
        *splits.manifests(submission),
        *submission.once(splits.committed).sizes,
        *(size for log in found for size in _logged(log, sources)),
        *(size for log in found for size in _passed(log, sets.batches)),
        *_tested(submission.once(logs.found).measured),
        *stated,
        *sets.sliced,
    )


def known(submission: Submission) -> Known | None:
    """The one well-known data set that programs or the README say the images are of."""
    sources = submission.once(programs.read)
    lines = [line for source in sources for line in source.text.splitlines()]
    lines += [command.text for source in sources for command in source.commands]
    lines += submission.once(deliverables.readme_text).splitlines()
    return splits.named(lines)


def _logged(log: Log, sources: "Mapping[str, Source]") -> Iterator[Size]:
    """`Found 800 images` does not say of which split; the calls of the same cell do, in their order."""
    path, _, cell = log.where.partition("#")
    calls = _reading(sources[path], log.where) if cell and path in sources else []
    unnamed = [size for size in log.sizes if not size.split]
    for size in log.sizes:
        split: str = size.split
        if not split and len(calls) == len(unnamed):
            split = splits.split_of(*calls[unnamed.index(size)])
        yield Size(split, size.images, size.where, "log")


def _reading(source: "Source", place: str) -> list[tuple[str, str]]:
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


def _tested(measured: Iterable[Claim]) -> Iterator[Size]:
    """The images that an evaluation counts."""
    for claim in measured:
        if claim.value.split and claim.images and claim.images >= FEWEST and not claim.approximate:
            yield Size(claim.value.split, claim.images, claim.where, "log: support")


def _passed(log: Log, batches: Mapping[str, int]) -> Iterator[Size]:
    """25 batches of 32 images are 769 to 800 images, since the last one may be smaller. Steps that may also
    be images are 25 to 800.
    """
    batch = batches.get(log.where.partition("#")[0], 0)
    for each in log.passes:
        if batch > 1 and each.split:
            most = each.steps * batch
            least = most - batch + 1 if each.batches else each.steps
            what = "batch" if each.steps == 1 else "batches" if each.batches else "batches or images"
            yield Size(each.split, most, each.where, f"log: {each.steps} {what}, batch size {batch}", least)
