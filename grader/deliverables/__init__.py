"""What has to be handed in, found by what it is and does: README, report, download, comments."""

from grader.deliverables.comments import Comments, comments
from grader.deliverables.documents import Prose, readme, readme_text, reports
from grader.deliverables.download import Download, by_hand, downloads
from grader.deliverables.pictures import pictures

__all__ = [
    "Comments", "Download", "Prose", "by_hand", "comments", "downloads", "pictures", "readme", "readme_text",
    "reports",
]  # fmt: skip
