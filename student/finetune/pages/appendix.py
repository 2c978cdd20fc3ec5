"""The last pages of the report: how to get the same numbers again, and whose photographs these are."""

import contextlib
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import git
from reportlab.platypus import BalancedColumns, Flowable, PageBreak, Spacer

from finetune.pages import accessible_pdf, layout
from finetune.pages.accessible_pdf import Text
from finetune.parts import credits, files
from finetune.parts.credits import Credit
from finetune.submission import Submission

UNKNOWN = "unknown author"
MANY = 20
COMMONS = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?")


def reproduction(wanted: Submission, events: list[dict[str, Any]]) -> list[Flowable]:
    """Everything that is needed to get the same numbers again."""
    run = events[0]
    settings = {name.replace("_", " "): value for name, value in run["settings"].items()}
    facts = {
        "Commit": _commit(),
        "Seed": f"{run['seed']} (made of student code and assignment)",
        "Settings": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "Trained": f"{run['time']} to {events[-1]['time']}",
        "Device": run["device"],
        "Versions": ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
    }
    log = Path(wanted.log.paths[0])
    paths = (
        Path(wanted.data.splits),
        credits.FILE,
        log,
        Path(wanted.model.phase_one_checkpoint),
        Path(wanted.model.checkpoint),
        Path(wanted.results.predictions),
        Path(wanted.results.summary),
    )
    hashes = [[layout.bold("File"), layout.bold("SHA-256")]] + [
        [layout.cell(path.as_posix()), Text(files.sha256(path), layout.CODE)]
        for path in paths
        if path.exists()
    ]
    return [
        PageBreak(),
        Text("How to get the same result", layout.HEADING),
        Text(
            "<font name='Courier'>make data train evaluate report</font> in the repository, at the commit "
            "and with the versions below. On another device the last digits may differ.",
            layout.TEXT,
        ),
        layout.facts(facts),
        Spacer(1, 10),
        accessible_pdf.table(
            hashes, colWidths=[layout.WIDTH * 0.25, layout.WIDTH * 0.75], style=layout.LINES
        ),
        Text("The files that the result rests on, or that it was written to.", layout.CAPTION),
    ]


def licences(found: list[Credit]) -> str:
    """How many photographs are under which licence; empty without credits."""
    if not found:
        return ""
    if not _named(found):
        return "The source names neither the authors nor the licences of its photographs."
    counts = Counter(_licence(credit) for credit in found).most_common()
    listed = ", ".join(f"{number} of {name}" for name, number in counts)
    return f"Licences of the photographs: {listed}; their authors are named at the end."


def authors(found: list[Credit]) -> list[Flowable]:
    """The author of each photograph; nothing where none is known."""
    if not _named(found):
        return []
    by_author: dict[str, list[str]] = {}
    for credit in found:
        by_author.setdefault(_author(credit), []).append(credit.image_id)
    names = [
        Text(f"<b>{escape(name)}</b> {escape(_listed(name, ids))}", layout.CREDIT)
        for name, ids in sorted(by_author.items(), key=lambda item: item[0].casefold())
    ]
    return [
        PageBreak(),
        Text("Photograph credits", layout.HEADING),
        Text(
            f"{escape(licences(found).partition(';')[0])}. {credits.FILE.as_posix()} names the title and the "
            "original page of each photograph, the licence and the author's own page.",
            layout.TEXT,
        ),
        Spacer(1, 6),
        BalancedColumns(names, nCols=3, leftPadding=0, rightPadding=0, innerPadding=12),
    ]


def _named(found: list[Credit]) -> bool:
    """Whether the source tells anything of its photographs."""
    return any(credit.author or credit.profile or credit.licence for credit in found)


def _listed(name: str, ids: list[str]) -> str:
    """The photographs of one author. Those that nobody is known to have taken would fill pages."""
    if name == UNKNOWN and len(ids) > MANY:
        return f"of {len(ids)} photographs: {credits.FILE.as_posix()} lists them"
    return ", ".join(ids)


def _licence(credit: Credit) -> str:
    """A short name, such as CC BY 2.0."""
    commons = COMMONS.match(credit.licence)
    if commons:
        return f"CC {commons[1].upper()} {commons[2]}"
    return credit.licence or "unknown licence"


def _author(credit: Credit) -> str:
    """The author's name; without one that the report's fonts can write, the address of the author's page."""
    for name in (credit.author, credit.profile):
        with contextlib.suppress(UnicodeEncodeError):
            if name.encode("cp1252"):
                return name
    return UNKNOWN


def _commit() -> str:
    """The commit that the work rests on, if there is one yet."""
    try:
        return f"{git.Repo(Path.cwd()).head.commit.hexsha} (the last one before this report was written)"
    except (git.InvalidGitRepositoryError, ValueError):
        return "none yet when this report was written"
