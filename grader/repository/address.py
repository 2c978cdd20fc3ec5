"""Which addresses the grader fetches from. Rosters hold them, but students wrote them."""

import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.visible import visible

PROTOCOLS = ("https", "http", "ssh", "file")
_SCP = re.compile(
    r"(?:[\w.-]+@)?(?P<host>[A-Za-z0-9][\w.-]*):(?P<path>[^:].*)"
)  # git@host:group/repository.git


class Address(Struct, frozen=True):
    """An address that may be given to git. `shown` holds no password."""

    url: str
    shown: str
    protocol: str
    host: str = ""


def parse(text: str, allow: Collection[str]) -> Address:
    """`text` as an address over one of the protocols in `allow`.

    Raises:
        GraderError: a remote helper such as `ext::`, an option, another protocol, or something that is no
        address.
    """
    if not text or text != text.strip() or any(ord(character) < 32 for character in text):
        raise GraderError(f"{visible(text)!r} is not the address of a repository")
    if text.startswith("-") or re.match(r"[\w+.-]*::", text):
        raise GraderError(f"{visible(text)} is not fetched: it is an instruction to git, not an address")
    address = _parse(text)
    if address.protocol not in allow:
        allowed = " or ".join(allow)
        raise GraderError(
            f"{address.shown}: fetching over {address.protocol} is not allowed here, only {allowed}"
        )
    return address


def key(url: str) -> str:
    """What two spellings of one repository's address have in common."""
    scp = "://" not in url and _SCP.fullmatch(url)
    if scp:
        host, path = scp["host"], scp["path"]
    else:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    return f"{host.lower()}/{path.strip('/').removesuffix('.git')}"


def _parse(text: str) -> Address:
    if "://" in text:
        return _url(text)
    scp = _SCP.fullmatch(text)
    if scp and not Path(text).exists():
        return Address(text, visible(text), "ssh", scp["host"])
    folder = Path(text).expanduser().absolute()
    return Address(str(folder), visible(str(folder)), "file")


def _url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, port, password = parts.hostname or "", parts.port, parts.password
    except ValueError:
        raise GraderError(f"{visible(text)} is not the address of a repository") from None
    if parts.scheme not in PROTOCOLS:
        raise GraderError(
            f"{visible(text)}: {visible(parts.scheme)} is not a protocol that the grader fetches over"
        )
    if parts.scheme != "file" and (
        not host or host.startswith("-") or (parts.username or "").startswith("-")
    ):
        raise GraderError(f"{visible(text)} names no host to fetch from")
    shown = text.replace(parts.netloc, f"{host}{f':{port}' if port else ''}", 1) if password else text
    return Address(text, visible(shown), parts.scheme, host)
