"""Images that are in the repository itself, by folder, and those that stand in two splits byte for byte."""

from collections import Counter, defaultdict
from pathlib import PurePosixPath

from msgspec import Struct

from grader.reading.splits.size import Size, split_of
from grader.submission import Submission

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
FEWEST = 6  # images; fewer are illustrations
KEPT = 5


class Committed(Struct, frozen=True):
    """`repeated` pairs of paths hold the same bytes in two splits; `copies` counts all such pairs.

    `paths` has each image and its split.
    """

    sizes: tuple[Size, ...] = ()
    classes: dict[str, dict[str, int]] = {}
    repeated: tuple[tuple[str, str], ...] = ()
    copies: int = 0
    paths: tuple[tuple[str, str], ...] = ()


def committed(submission: Submission) -> Committed:
    splits = {path: split for path in submission.sizes if (split := _split(path))}
    if len(splits) < FEWEST or len(set(splits.values())) < 2:
        return Committed()
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, split in splits.items():
        classes[PurePosixPath(path).parent.name][split] += 1
    sizes = [
        Size(split, images, _folder(next(path for path, each in splits.items() if each == split)), "folder")
        for split, images in Counter(splits.values()).items()
    ]
    repeated = _repeated(submission, splits)
    return Committed(
        tuple(sizes),
        {name: dict(counts) for name, counts in classes.items()},
        tuple(repeated[:KEPT]),
        len(repeated),
        tuple(sorted(splits.items())),
    )


def _split(path: str) -> str:
    """By the outermost folder that names one; what the file itself is called does not count."""
    pure = PurePosixPath(path)
    if pure.suffix.lower() not in SUFFIXES:
        return ""
    return next((split for part in pure.parent.parts if (split := split_of(part))), "")


def _folder(path: str) -> str:
    parts = PurePosixPath(path).parts
    at = next(index for index, part in enumerate(parts) if split_of(part))
    return "/".join(parts[: at + 1])


def _repeated(submission: Submission, splits: dict[str, str]) -> list[tuple[str, str]]:
    """By git's own names of contents: not one image has to be fetched or read."""
    names = submission.objects
    seen: dict[str, str] = {}
    found = []
    for path in sorted(splits):
        earlier = seen.setdefault(names[path], path)
        if splits[earlier] != splits[path]:
            found.append((earlier, path))
    return found
