"""Pictures that are committed instead of being downloaded: those in folders that programs name."""

import re
from pathlib import PurePosixPath

from grader.reading.programs import read
from grader.submission import Submission

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
FEWEST = 6  # images; fewer are illustrations
QUOTED = re.compile(r"""["']([^"'\n]{1,200})["']""")

DATA = re.compile(r"data|train|val|test|sample|image|picture|photo|raw", re.IGNORECASE)


def pictures(submission: Submission) -> int:
    """How many images lie below folders whose names stand in programs as (part of) a path."""
    parents = [
        PurePosixPath(path).parent.parts for path in submission.sizes if path.lower().endswith(SUFFIXES)
    ]
    named: set[str] = set()
    for source in submission.once(read) if parents else ():
        parts = (part for text in QUOTED.findall(source.text) for part in re.split(r"[/\\]", text))
        named.update(part for part in parts if DATA.search(part))
    found = sum(not named.isdisjoint(parts) for parts in parents)
    return found if found >= FEWEST else 0
