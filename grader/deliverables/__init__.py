"""What has to be handed in, found by what it is and does: README, report, download, comments."""

from grader.deliverables.comments import Comments, comments
from grader.deliverables.documents import Prose, readme, reports
from grader.deliverables.download import Download, downloads

__all__ = ["Comments", "Download", "Prose", "comments", "downloads", "readme", "reports"]
