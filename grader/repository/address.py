"""Which addresses the grader fetches from. Rosters hold them, but students wrote them."""

import posixpath
import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.visible import visible

PROTOCOLS = ("https", "http", "ssh", "file")
_SCP = re.compile(
    r"(?:[\w.-]+@)?(?P<host>[A-Za-z0-9][\w.-]*):(?P<path>[^:].*)"
)  # git@host:group/repository.git

# Hosts, and programs that people name their own host after, for which letter case in a path means nothing.
_FOLDS = re.compile(r"(?:^|\.)(?:github|gitlab|bitbucket|codeberg|gitea|forgejo)\.")

_PASTED = re.compile(r"(?:git clone +)?(?:<(.*)>|\"(.*)\"|'(.*)'|(.*))")


class Address(Struct, frozen=True):
    """An address that may be given to git. `shown` holds no password."""

    url: str
    shown: str
    protocol: str
    host: str = ""


def parse(text: str, allow: Collection[str]) -> Address:
    """`text`, as it is or as people paste it, as an address over one of the protocols in `allow`.

    Raises:
        GraderError: a remote helper such as `ext::`, an option, another protocol, or something that is no
        address.
    """
    text = pasted(text)
    if not text:
        raise GraderError("there is no address of a repository")
    if text != text.strip() or any(ord(character) < 32 for character in text):
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


def pasted(text: str) -> str:
    """The address in what was copied with it: `<https://...>`, quotes, `git clone https://...`."""
    found = _PASTED.fullmatch(text)
    return next(filter(None, found.groups()), "") if found else text


def key(url: str) -> str:
    """What all spellings of one repository's address have in common."""
    place = located(url)
    host, _, path = place.partition("/")
    return f"{host}/{path.lower().removesuffix('.git')}" if _FOLDS.search(host) else place


def located(url: str) -> str:
    """`host/path` without what servers and git itself ignore: protocol, account, port, escapes, dots.

    The host is empty for a folder of this machine.
    """
    url = pasted(url)
    scp = "://" not in url and _SCP.fullmatch(url)
    if scp:
        host, path = scp["host"], scp["path"]
    elif "://" in url:
        try:
            parts = urlsplit(url)
            host, path = parts.hostname or "", unquote(parts.path)
        except ValueError:  # no address at all, and no other's
            return url
    else:
        host, path = "", str(Path(url).expanduser().absolute())
    host = host.lower().rstrip(".").removeprefix("www.")
    path = posixpath.normpath(f"/{path.strip('/')}").removesuffix(".git").rstrip("/")
    return f"{host}{path}"


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
        named = f"{visible(parts.scheme)} is not a protocol" if parts.scheme else "it begins with no protocol"
        raise GraderError(f"{visible(text)}: {named} that the grader fetches over")
    if parts.scheme != "file" and (
        not host or host.startswith("-") or (parts.username or "").startswith("-")
    ):
        raise GraderError(f"{visible(text)} names no host to fetch from")
    shown = text.replace(parts.netloc, f"{host}{f':{port}' if port else ''}", 1) if password else text
    # git knows its protocols in small letters only
    url, shown = (each.replace(each.partition(":")[0], parts.scheme, 1) for each in (text, shown))
    return Address(url, visible(shown), parts.scheme, host)
