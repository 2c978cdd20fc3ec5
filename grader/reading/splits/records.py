"""What is told of a repository's splits: plain data that is kept."""

import re
from collections.abc import Sequence

from msgspec import Struct

from grader.reading.splits.size import Size

PLACE = re.compile(r"(?:#c\d+(?:\.\w+)?|:\d+)+$")  # of a line or a cell, behind a file's path


class Committed(Struct, frozen=True):
    """`repeated` pairs of paths hold the same bytes in two splits; `copies` counts all such pairs.

    `paths` has each image and its split.
    """

    sizes: tuple[Size, ...] = ()
    classes: dict[str, dict[str, int]] = {}
    repeated: tuple[tuple[str, str], ...] = ()
    copies: int = 0
    paths: tuple[tuple[str, str], ...] = ()


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
    shares: tuple[float, ...] = ()  # that they split off; 1 where it is a number of images
    sliced: tuple[Size, ...] = ()
    trainers: tuple[tuple[str, ...], ...] = ()  # the files of each program that trains
    named: tuple[str, ...] = ()  # splits that names are about, whether or not they are made
    deals: bool = False  # something picks images by their numbers
    unread: tuple[str, ...] = ()

    def may_leave(self, images: tuple[int, int], wanted: range) -> bool:
        """Whether so many wanted ones may be left once parts are split off, one or two after each other."""
        if any(not 0 < share < 1 for share in self.shares):
            return True  # numbers of images: of which list, and how often, nobody sees
        once = {part for share in self.shares for part in (share, 1 - share)}
        left = once | {one * other for one in once for other in once}
        least, most = images
        return any(least * part <= wanted[-1] + 1 and most * part >= wanted[0] - 1 for part in left)

    def silent(self, told: Sequence[str]) -> str:
        """A program that trains or cannot be read: its sizes may be others than those at these places.

        A list or a log in a file of its own, or a folder, speaks of whatever trains here.
        """
        files = {PLACE.sub("", place) for place in told}
        if self.unread:
            return self.unread[0]
        if not files.issubset(path for paths in self.trainers for path in paths):
            return ""
        return next((paths[0] for paths in self.trainers if files.isdisjoint(paths)), "")

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
