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


class Comments(Struct, frozen=True, kw_only=True):
    """Comments of one issue, pull or merge request; only those of our own account are looked at.

    `all` is where they are listed and written, `one` where one is renewed, by the method `renew`. `author`
    names the field of a comment that says whose it is, and in it that of the account's name.
    """

    web: Web
    all: str
    one: str
    renew: str
    author: tuple[str, str]

    def comments(self) -> Sequence[tuple[str, str]]:
        author, name = self.author
        me = self.web.call("GET", "/user")[name]
        found = self.web.pages(self.all)
        return [(str(each["id"]), each["body"]) for each in found if each[author][name] == me]

    def create(self, text: str) -> None:
        self.web.call("POST", self.all, {"body": text})

    def update(self, number: str, text: str) -> None:
        self.web.call(self.renew, f"{self.one}/{number}", {"body": text})


def github(api: str, token: str, repository: str, issue: int) -> Comments:
    issues = f"/repos/{quote(repository)}/issues"
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    return Comments(
        web=_web(api, headers),
        all=f"{issues}/{issue}/comments",
        one=f"{issues}/comments",
        renew="PATCH",
        author=("user", "login"),
    )


def gitlab(api: str, token: str, repository: str, what: str) -> Comments:
    """`what` is `issues/N` or `merge_requests/N`."""
    notes = f"/projects/{quote(repository, safe='')}/{what}/notes"
    return Comments(
        web=_web(api, {"PRIVATE-TOKEN": token}),
        all=notes,
        one=notes,
        renew="PUT",
        author=("author", "username"),
    )


def _web(api: str, headers: Mapping[str, str]) -> Web:
    return Web(api.rstrip("/"), {**headers, "Content-Type": "application/json"})


def _wait(refused: urllib.error.HTTPError, tried: int) -> float | None:
    """Seconds until the next try; None where another try is of no use."""
    told = refused.headers.get("Retry-After", "")
    if refused.code == 429 or (refused.code == 403 and told) or refused.code >= 500:
        return min(float(told), LONGEST_WAIT) if told.isdigit() else 2.0**tried
    return None
