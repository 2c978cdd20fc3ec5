"""Weights that a repository without a contract holds, and what two of them say about its phases."""

from collections.abc import Iterator

from msgspec import Struct

from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Unmeasured, note, warning
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import Compared, CompareTensors

SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt", ".h5", ".hdf5", ".keras")
OPENED = ".safetensors"
SHOWN = 4


class Weights(Struct, frozen=True):
    """`files` are paths with bytes, -1 where they were not fetched. `compared` are the two of `pair`."""

    files: tuple[tuple[str, int], ...] = ()
    pair: tuple[str, str] = ("", "")
    compared: Compared | Unmeasured = Unmeasured("only two safetensors files are compared")


def look(submission: Submission) -> Weights:
    files = tuple(
        (path, submission.sizes[path]) for path in sorted(submission.sizes) if path.endswith(SUFFIXES)
    )
    opened = [path for path, _ in files if path.endswith(OPENED)]
    if len(opened) != 2:
        return Weights(files[:20])
    pair = (opened[0], opened[1])
    try:
        return Weights(files[:20], pair, _compared(submission, pair))
    except (SubmissionError, NotMeasured) as trouble:
        return Weights(files[:20], pair, Unmeasured(str(trouble)))


def _compared(submission: Submission, pair: tuple[str, str]) -> Compared | Unmeasured:
    folder = submission.surroundings.scratch / "weights"
    folder.mkdir()
    submission.export(pair, folder)
    request = CompareTensors(*(str(folder / path) for path in pair))
    found = asking.ask("compare_tensors", request, Compared, paths=((folder,), None))
    return found if found.tensors else Unmeasured(found.refused or "they share no tensor")


def judge(weights: Weights) -> Iterator[Finding]:
    """What files say beside the code: equal tensors were frozen between the two."""
    if not weights.files:
        return
    found, (one, other) = weights.compared, weights.pair
    if isinstance(found, Unmeasured):
        listed = ", ".join(_named(path, size) for path, size in weights.files[:SHOWN])
        yield note(f"the phases were not compared with the weights ({listed}): {found.reason}")
    elif found.different == 0:
        yield warning(
            f"{other} holds the same {found.tensors} tensors as {one}: nothing was trained between", other
        )
    else:
        what = f"{found.different} of {found.tensors} tensors differ between {one} and {other}"
        yield note(f"{what}, such as {', '.join(found.names[:2])}", other)


def _named(path: str, size: int) -> str:
    return f"{path}, {size / 1e6:.1f} MB" if size >= 0 else path
