"""Images that are in the repository itself, by folder, and those that stand in two splits byte for byte."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.reading.splits.records import Committed
from grader.reading.splits.size import Size, split_of
from grader.submission import Submission

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
WHOLE = re.compile(
    r"(?:\d{1,2}[-_. ])?(?:(?:my|the|data|dataset|datasets|images?|imgs?|photos|pictures)[-_ ])?"
    r"(?:train|training|trn|val|valid|validation|validate|dev|eval|tests?|testing|holdout)"
    r"[-_ ]?(?:set|data|dataset|images?|imgs?|photos|pictures|dir|folder|split|samples)?",
    re.IGNORECASE,
)
FEWEST = 6  # images; fewer are illustrations
KEPT = 5


def committed(submission: Submission) -> Committed:
    splits = {path: split for path in submission.sizes if (split := _split(path))}
    if len(splits) < FEWEST or len(set(splits.values())) < 2:
        return Committed()
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, split in splits.items():
        classes[PurePosixPath(path).parent.name][split] += 1
    sizes = list(_sizes(splits))
    repeated = _repeated(submission, splits)
    return Committed(
        tuple(sizes),
        {name: dict(counts) for name, counts in classes.items()},
        tuple(repeated[:KEPT]),
        len(repeated),
        tuple(sorted(splits.items())),
    )


def _sizes(splits: dict[str, str]) -> Iterator[Size]:
    """One for each folder, since several are several data sets; `cats/train` and `dogs/train` are one."""
    folders: dict[str, list[str]] = defaultdict(list)
    for path in splits:
        folders[_folder(path)].append(path)
    for split in dict.fromkeys(splits.values()):
        own = {folder: paths for folder, paths in folders.items() if splits[paths[0]] == split}
        flat = all(
            str(PurePosixPath(path).parent) == folder for folder, paths in own.items() for path in paths
        )
        if flat:
            yield Size(split, sum(map(len, own.values())), next(iter(own)), "folder")
        else:
            yield from (Size(split, len(paths), folder, "folder") for folder, paths in own.items())


def _split(path: str) -> str:
    """By the outermost folder that names one; what the file itself is called does not count."""
    pure = PurePosixPath(path)
    if pure.suffix.lower() not in SUFFIXES:
        return ""
    return next((split for part in pure.parent.parts if (split := _named(part))), "")


def _named(folder: str) -> str:
    """A folder of a whole split: `train`, `test_images`; `train_first10` is none."""
    return split_of(folder) if WHOLE.fullmatch(folder) else ""


def _folder(path: str) -> str:
    parts = PurePosixPath(path).parts
    at = next(index for index, part in enumerate(parts) if _named(part))
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
