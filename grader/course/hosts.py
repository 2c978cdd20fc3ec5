"""Comments through the interfaces of GitHub and GitLab, politely: few at a time, waiting where they say so.

GitHub: an issue or a pull request has `/repos/OWNER/NAME/issues/N/comments`. GitLab: notes below
`/projects/ID/issues/N` or `/projects/ID/merge_requests/N`.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from grader.ground.errors import GraderError

PAGES = 50  # of comments, at most
SECONDS = 30.0
TRIES = 4
LONGEST_WAIT = 300.0


class Web(Struct, frozen=True):
    """An interface of a host: where it is, and with what we say who we are."""

    api: str
    headers: Mapping[str, str]

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """The answer as JSON. Raises GraderError."""
        body = None if content is None else json.dumps(content).encode()
        for tried in range(TRIES):
            request = urllib.request.Request(f"{self.api}{path}", body, dict(self.headers), method=method)
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refused:
                wait = _wait(refused, tried)
                if wait is None or tried == TRIES - 1:
                    raise GraderError(f"{self.api}{path}: {refused.code} {refused.reason}") from None
                time.sleep(wait)
            except (OSError, ValueError) as trouble:
                raise GraderError(f"{self.api}{path}: no answer: {trouble}") from None
        raise AssertionError("the last try returns or raises")

    def pages(self, path: str) -> Iterator[Any]:
        for number in range(1, PAGES + 1):
            found = self.call("GET", f"{path}?per_page=100&page={number}")
            yield from found
            if len(found) < 100:
                return


class GitHub(Struct, frozen=True):
    """Comments of one issue or pull request; only those of our own account are looked at."""

    web: Web
    place: str  # /repos/OWNER/NAME
    issue: int

    def comments(self) -> Sequence[tuple[str, str]]:
        me = self.web.call("GET", "/user")["login"]
        found = self.web.pages(f"{self.place}/issues/{self.issue}/comments")
        return [(str(each["id"]), each["body"]) for each in found if each["user"]["login"] == me]

    def create(self, text: str) -> None:
        self.web.call("POST", f"{self.place}/issues/{self.issue}/comments", {"body": text})

    def update(self, number: str, text: str) -> None:
        self.web.call("PATCH", f"{self.place}/issues/comments/{number}", {"body": text})


class GitLab(Struct, frozen=True):
    """Notes of one issue or merge request; only those of our own account are looked at."""

    web: Web
    place: str  # /projects/ID/issues/N or /projects/ID/merge_requests/N

    def comments(self) -> Sequence[tuple[str, str]]:
        me = self.web.call("GET", "/user")["username"]
        found = self.web.pages(f"{self.place}/notes")
        return [(str(each["id"]), each["body"]) for each in found if each["author"]["username"] == me]

    def create(self, text: str) -> None:
        self.web.call("POST", f"{self.place}/notes", {"body": text})

    def update(self, number: str, text: str) -> None:
        self.web.call("PUT", f"{self.place}/notes/{number}", {"body": text})


def github(api: str, token: str, repository: str, issue: int) -> GitHub:
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
    }
    return GitHub(Web(api.rstrip("/"), headers), f"/repos/{quote(repository)}", issue)


def gitlab(api: str, token: str, repository: str, what: str) -> GitLab:
    """`what` is `issues/N` or `merge_requests/N`."""
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json"}
    return GitLab(Web(api.rstrip("/"), headers), f"/projects/{quote(repository, safe='')}/{what}")


def _wait(refused: urllib.error.HTTPError, tried: int) -> float | None:
    """Seconds until the next try; None where another try is of no use."""
    told = refused.headers.get("Retry-After", "")
    if refused.code == 429 or (refused.code == 403 and told) or refused.code >= 500:
        return min(float(told), LONGEST_WAIT) if told.isdigit() else 2.0**tried
    return None
