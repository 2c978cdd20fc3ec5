"""What has to be handed in, found by what it is and does: README, report, download, comments."""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.reading.deliverables.records import Comments, Download, Prose

if TYPE_CHECKING:
    from grader.reading.deliverables.by_path import archive, pictures
    from grader.reading.deliverables.documents import is_report, readme, readme_text, reports
    from grader.reading.deliverables.download import by_hand, downloads
    from grader.reading.deliverables.explained import comments
else:
    __getattr__ = lazy.attached(
        __name__,
        {
            "archive": "by_path",
            "by_hand": "download",
            "comments": "explained",
            "downloads": "download",
            "is_report": "documents",
            "pictures": "by_path",
            "readme": "documents",
            "readme_text": "documents",
            "reports": "documents",
        },
    )

__all__ = [
    "Comments", "Download", "Prose", "archive", "by_hand", "comments", "downloads", "is_report", "pictures",
    "readme", "readme_text", "reports",
]  # fmt: skip
