"""What has to be handed in, found by what it is and does: README, report, download, comments."""

from grader.reading.deliverables.comments import Comments, comments
from grader.reading.deliverables.documents import Prose, readme, readme_text, reports
from grader.reading.deliverables.download import Download, by_hand, downloads
from grader.reading.deliverables.pictures import pictures

__all__ = [
    "Comments", "Download", "Prose", "by_hand", "comments", "downloads", "pictures", "readme", "readme_text",
    "reports",
]  # fmt: skip
