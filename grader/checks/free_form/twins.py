"""Images of different splits that look the same, among those that a repository itself holds."""

from collections.abc import Iterator

from msgspec import Struct

from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Unmeasured, note, warning
from grader.reading import splits
from grader.sandbox import Limits
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import Alike, FindAlike, Pair

SHOWN = 3
MOST_IMAGES = 3_000
LIMITS = Limits(seconds=120.0)


class Twins(Struct, frozen=True, tag="twins"):
    """Pairs of paths of images that were compared; none were where the commit holds none."""

    pairs: tuple[tuple[str, str, bool], ...] = ()  # (one, other, whether one is mirrored)
    compared: int = 0


def look(submission: Submission) -> Twins | Unmeasured:
    """Compares what `splits.committed` found. Equal bytes are not told again: git's names show them."""
    named = dict(submission.once(splits.committed).paths)
    if not named:
        return Twins()
    if submission.surroundings.static:
        return Unmeasured("only static checks were asked for")
    if len(named) > MOST_IMAGES:
        return Unmeasured(f"{len(named)} images are more than {MOST_IMAGES}")
    try:
        return _compared(submission, named)
    except (NotMeasured, SubmissionError) as trouble:
        return Unmeasured(str(trouble))


def _compared(submission: Submission, named: dict[str, str]) -> Twins:
    folder = submission.surroundings.scratch / "twins"
    folder.mkdir()
    paths = list(named)
    submission.export(paths, folder)
    order = sorted(set(named.values()))
    request = FindAlike(
        tuple(str(folder / path) for path in paths),
        tuple(order.index(named[path]) for path in paths),
    )
    answer = asking.ask("find_alike", request, Alike, paths=((folder,), None), limits=LIMITS)
    objects = submission.objects
    pairs = [pair for pair in answer.pairs if objects[paths[pair.one]] != objects[paths[pair.other]]]
    return Twins(tuple(_told(pair, paths) for pair in pairs), len(paths))


def _told(pair: Pair, paths: list[str]) -> tuple[str, str, bool]:
    return paths[pair.one], paths[pair.other], pair.mirrored


def judge(twins: Twins | Unmeasured) -> Iterator[Finding]:
    """Warnings: two photographs taken one after the other look the same, too."""
    if isinstance(twins, Unmeasured):
        yield note(f"whether committed images look the same was not compared: {twins.reason}")
        return
    for one, other, mirrored in twins.pairs[:SHOWN]:
        how = ", mirrored" if mirrored else ""
        yield warning(
            f"{other} looks like {one}{how}, in another split", other, "look at both: keep one of them"
        )
    if len(twins.pairs) > SHOWN:
        yield note(f"{len(twins.pairs)} pairs of images look the same in different splits")
