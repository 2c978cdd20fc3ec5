"""Data that is committed instead of being downloaded: pictures in folders that programs name, an archive."""

import re
from pathlib import PurePosixPath

from grader.reading.programs import read
from grader.submission import Submission

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
FEWEST = 40  # images; fewer are illustrations, or samples to try the network on
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")
QUOTED = re.compile(r"""["']([^"'\n]{1,200})["']""")
DATA = re.compile(r"data|train|val|test|sample|image|picture|photo|raw", re.IGNORECASE)


def archive(submission: Submission) -> str:
    """The committed archive of a folder that programs name; "" where there is none."""
    packed = sorted(path for path in submission.sizes if path.lower().endswith(ARCHIVES))
    named = _named(submission) if packed else frozenset[str]()
    return next((path for path in packed if PurePosixPath(path).name.partition(".")[0] in named), "")


def _named(submission: Submission) -> frozenset[str]:
    """The parts of all paths that stand in programs."""
    quoted = (text for source in submission.once(read) for text in QUOTED.findall(source.text))
    return frozenset(part for text in quoted for part in re.split(r"[/\\]", text))


def pictures(submission: Submission) -> int:
    """How many images lie below folders whose names stand in programs as (part of) a path."""
    parents = [
        PurePosixPath(path).parent.parts for path in submission.sizes if path.lower().endswith(SUFFIXES)
    ]
    named = {part for part in _named(submission) if DATA.search(part)} if parents else set[str]()
    found = sum(not named.isdisjoint(parts) for parts in parents)
    return found if found >= FEWEST else 0
