"""Reads lists from a host's API, page after page, as slowly as the host asks for."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.visible import visible

PAGE_BYTES = 20_000_000
PAGES = 200
ATTEMPTS = 4
SECONDS = 30.0  # for one answer
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,<]*\brel="?next"?')


class Client(Struct, frozen=True):
    """How to ask a host. `headers` carry the token; `patience` is the longest wait, in seconds."""

    headers: dict[str, str] = {}
    patience: float = 120.0
    sleep: Callable[[float], None] = time.sleep


def pages(url: str, client: Client) -> Iterator[bytes]:
    """The bodies of all pages, by the `Link` header's `next`.

    Raises:
        GraderError: no access, no such repository, no answer, or a longer wait than the client's patience.
    """
    for _ in range(PAGES):
        body, headers = _answer(url, client)
        yield body
        following = _NEXT.search(headers.get("Link", ""))
        if following is None:
            return
        url = _same_host(url, urljoin(url, following[1]))
    raise GraderError(f"{_host(url)} lists more than {PAGES} pages")


def _answer(url: str, client: Client) -> tuple[bytes, Message]:
    opener = urllib.request.build_opener(_SameHost)
    for attempt in range(ATTEMPTS):
        request = urllib.request.Request(url, headers={"User-Agent": "coursework-grader", **client.headers})
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return answer.read(PAGE_BYTES + 1)[:PAGE_BYTES], answer.headers
        except urllib.error.HTTPError as refusal:
            wait = _wait(refusal, attempt)
            if wait is None:
                raise GraderError(_reason(url, refusal)) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as trouble:
            reason = visible(str(getattr(trouble, "reason", trouble)), 100)
            raise GraderError(f"{_host(url)} does not answer: {reason}") from None
        if wait > client.patience:
            raise GraderError(
                f"{_host(url)} allows no more questions for {wait / 60:.0f} min; ask again then"
            )
        client.sleep(wait)
    raise GraderError(f"{_host(url)} allows no more questions now; ask again later")


def _wait(refusal: urllib.error.HTTPError, attempt: int) -> float | None:
    """How long the host asks to wait before the same question; None if asking again is of no use."""
    headers = refusal.headers
    limited = refusal.code == 429 or (refusal.code == 403 and _is_limit(headers))
    if not limited and refusal.code < 500:
        return None
    if after := headers.get("Retry-After"):
        return max(0.0, float(after) if after.isdecimal() else _until(after))
    for name in ("X-RateLimit-Reset", "RateLimit-Reset"):
        if limited and (reset := headers.get(name, "")).isdecimal():
            return max(0.0, int(reset) - time.time()) + 1
    return 2.0**attempt


def _is_limit(headers: Message) -> bool:
    return "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"


def _until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return 60.0


def _reason(url: str, refusal: urllib.error.HTTPError) -> str:
    if refusal.code in (401, 403):
        return f"{_host(url)} refuses access: check the token and its permissions"
    if refusal.code == 404:
        return f"{_host(url)} knows no such repository, or the token does not give access to it"
    return f"{_host(url)} answers with status {refusal.code}"


def _host(url: str) -> str:
    return visible(urlsplit(url).netloc.rpartition("@")[2])


def _same_host(url: str, following: str) -> str:
    """The address that follows, if the token may be taken there."""
    if urlsplit(url)[:2] != urlsplit(following)[:2]:
        raise GraderError(f"{_host(url)} points to another host, {_host(following)}, which is not asked")
    return following


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a renamed repository, but takes the token to no other host."""

    def redirect_request(  # noqa: PLR0913 - the signature is urllib's
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        _same_host(req.full_url, newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
