"""Which student of a roster plays under a nickname. What is uncertain is never decided here."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from msgspec import Struct

# Cyrillic and Greek capitals that look like Latin ones.
LOOK = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTYXIJSABEZHIKMNOPTYX",
)
SKELETON = str.maketrans("OIL", "011")

Tier = Literal["exact", "token", "look-alike", "edit", "several", "none", "decided"]
LONGEST = 50  # characters of a nickname that are compared with codes
CERTAIN = ("exact", "token", "decided")


class Match(Struct, frozen=True):
    """`students` is one for what is decided, or those that a person may choose from."""

    nick: str
    tier: Tier
    students: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        """Who it is, "" where a person has to say."""
        return self.students[0] if len(self.students) == 1 and self.tier in (*CERTAIN, "look-alike") else ""


def match(
    nicks: Sequence[str], roster: Collection[str], decided: Mapping[str, str] = {}
) -> tuple[Match, ...]:
    """In the order of `nicks`. `decided` names students by nickname, "" for nobody of the roster."""
    codes = {plain(code): code for code in roster}
    found = [_decided(nick, decided) or _sure(nick, codes) for nick in nicks]
    present = Counter(each.student for each in found if each and each.student)
    index = _index(codes)
    alike = [each or _alike(nick, codes, index) for nick, each in zip(nicks, found, strict=True)]
    named = Counter(each.student for each in alike if each.tier == "look-alike")
    return tuple(_unless_present(each, present, named) for each in alike)


def plain(text: str) -> str:
    """Capital letters and digits alone, without marks, hidden characters, and letters of other scripts."""
    return re.sub(r"[^A-Z0-9]", "", _latin(text))


def _latin(text: str) -> str:
    capital = unicodedata.normalize("NFKC", text).upper().translate(LOOK)
    apart = unicodedata.normalize("NFD", capital)
    return "".join(each for each in apart if unicodedata.category(each) not in ("Mn", "Cf", "Cc"))


def _decided(nick: str, decided: Mapping[str, str]) -> Match | None:
    if nick not in decided:
        return None
    return Match(nick, "decided", (decided[nick],) if decided[nick] else ())


def _sure(nick: str, codes: Mapping[str, str]) -> Match | None:
    """The code itself, or the only code that is a whole word of the nickname."""
    if plain(nick) in codes:
        return Match(nick, "exact", (codes[plain(nick)],))
    words = {word for word in re.split(r"[^A-Z0-9]+", _latin(nick)) if word in codes}
    if len(words) == 1:
        return Match(nick, "token", (codes[words.pop()],))
    return Match(nick, "several", tuple(sorted(codes[word] for word in words))) if words else None


class Index(Struct, frozen=True):
    """Codes by how they look, and by what is left of them with one character taken out, or none."""

    looks: Mapping[str, Sequence[str]]
    pieces: Mapping[str, Sequence[str]]


def _index(codes: Collection[str]) -> Index:
    looks: dict[str, list[str]] = {}
    pieces: dict[str, list[str]] = {}
    for code in codes:
        looks.setdefault(code.translate(SKELETON), []).append(code)
        for piece in _pieces(code):
            pieces.setdefault(piece, []).append(code)
    return Index(looks, pieces)


def _pieces(text: str) -> set[str]:
    return {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}


def _alike(nick: str, codes: Mapping[str, str], index: Index) -> Match:
    """Two texts that are one slip apart share a piece."""
    bare = plain(nick)[:LONGEST]
    look = index.looks.get(bare.translate(SKELETON), []) if bare else []
    shared = {code for piece in _pieces(bare) for code in index.pieces.get(piece, ())}
    near = [code for code in shared if code not in look and is_one_edit(bare, code)]
    if len(look) == 1 and not near:
        return Match(nick, "look-alike", (codes[look[0]],))
    candidates = tuple(sorted(codes[code] for code in {*look, *near}))
    return Match(nick, "edit" if len(candidates) == 1 else "several" if candidates else "none", candidates)


def _unless_present(found: Match, present: Mapping[str, int], named: Mapping[str, int]) -> Match:
    """Who is there under the right code, or is meant by two, is not looked for by likeness."""
    if found.tier != "look-alike" or (not present.get(found.student) and named[found.student] == 1):
        return found
    return Match(found.nick, "edit", found.students)


def is_one_edit(one: str, other: str) -> bool:
    """One character replaced, missing or too many, or two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    shorter, longer = sorted((a, b), key=len)
    return longer[1:] == shorter
