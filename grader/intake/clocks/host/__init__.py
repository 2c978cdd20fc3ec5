"""What the host that students push to recorded with its own clock."""

from grader.deadlines import Source
from grader.intake.clocks.host.github import GitHub
from grader.intake.clocks.host.gitlab import GitLab
from grader.repository import address

__all__ = ["GitHub", "GitLab", "source"]


def source(url: str, token: str = "", api: str = "", kind: str = "") -> Source | None:
    """The record of the host behind an address; None if that host keeps none that we can read.

    A host of one's own needs its API's address, `api`, and its `kind`, `github` or `gitlab`.
    """
    host, _, path = address.located(url).partition("/")
    kind = kind or {"github.com": "github", "gitlab.com": "gitlab"}.get(host, "")
    if kind == "github":
        return GitHub(path, token, api) if api else GitHub(path, token)
    if kind == "gitlab":
        return GitLab(path, token, api) if api else GitLab(path, token)
    return None
