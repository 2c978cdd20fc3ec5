"""Rebuilds `grader/reading/english/model/`: see README.md beside this file.

python -m training.english WHEELS [--out FOLDER]
"""

import argparse
import random
import re
from array import array
from collections import defaultdict
from pathlib import Path

import msgspec

from grader.reading.english import features, lexicon
from grader.reading.english.lexicon import Entry, Lexicon
from grader.reading.english.scorer import Model, Scorer, Weights
from grader.reading.english.words import clean, split
from training.english import archives, fit, lines, ngrams, packages, wordlists
from training.english.archives import Pieces
from training.english.lines import Example, Sentences

SEED = 7
SENTENCE = re.compile(r"\n+|(?<=[.!?])\s+(?=[A-Z])")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.english", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("wheels", type=Path, help="the folder with the wheels of requirements.txt")
    parser.add_argument("--out", type=Path, default=lexicon.FOLDER)
    arguments = parser.parse_args()
    wheels, out = arguments.wheels, arguments.out
    reading = [archives.source_pieces(wheels, name) for name in packages.JARGON] + [
        archives.standard_library()
    ]
    jargon = wordlists.jargon_levels(reading)
    words = wordlists.lexicon(wheels, jargon)
    print(f"{len(words):,} words, {len(jargon):,} of them jargon")
    weights = ngrams.fit(ngrams.examples(wheels, words, wordlists.rare_words(reading, jargon)))
    write_words(out, words)
    (out / "ngrams.bin").write_bytes(weights.tobytes())
    text, identifiers = examples(wheels, words, jargon)
    print(f"{len(text):,} lines, {len(identifiers):,} identifiers")
    model = fitted(Lexicon(out), text, identifiers)
    (out / "weights.json").write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")


def write_words(out: Path, words: dict[str, Entry]) -> None:
    rows = sorted({lexicon.key(word): lexicon.pack(entry) for word, entry in words.items()}.items())
    keys, bits = array("I", [key for key, _ in rows]), array("I", [value for _, value in rows])
    (out / "words.bin").write_bytes(keys.tobytes() + bits.tobytes())


def examples(
    wheels: Path, words: dict[str, Entry], jargon: dict[str, int]
) -> tuple[list[Example], list[Example]]:
    """Labelled lines and labelled identifiers."""
    dice = random.Random(SEED)
    sentences, originals = translated(wheels)
    sources = [archives.source_pieces(wheels, name) for name in packages.LINES]
    prose = [line for pieces in sources for kind in ("comment", "docstring") for line in _prose(pieces, kind)]
    strings = [line for pieces in sources for line in _prose(pieces, "string")]
    common_jargon = [word for word, level in jargon.items() if level >= 2 and 2 < len(word) < 12]
    foreign_words = [
        word for word, entry in words.items() if entry.foreign >= 6 and not entry.english and len(word) > 3
    ]
    text = [
        *(
            item
            for item in lines.foreign(sentences, common_jargon, 70_000, dice)
            if lines.is_foreign(item.text, words)
        ),
        *lines.english(prose, 50_000, dice),
        *lines.english(strings, 40_000, dice),
        *lines.english(originals, 40_000, dice),
        *lines.persons(sorted(archives.person_names(wheels)), 4_000, dice),
        *lines.quoted_classes(prose, foreign_words, 3_000, dice),
    ]
    groups = [
        _words(line)
        for language, share in lines.SHARES.items()
        for line in dice.choices(sentences[language], k=int(60_000 * share))
    ]
    invented = lines.identifiers([group for group in groups if group], common_jargon, 30_000, dice)
    names = [name for pieces in sources for name in pieces["identifier"] if len(name) > 1]
    identifiers = [
        *(item for item in invented if lines.is_foreign(item.text.lower(), words)),
        *(Example(name, "identifier", False) for name in dice.sample(names, 60_000)),
    ]
    return text, identifiers


def translated(wheels: Path) -> tuple[Sentences, list[str]]:
    """Sentences by language, and the English originals."""
    sentences: Sentences = defaultdict(list)
    originals: set[str] = set()
    for name in packages.TRANSLATIONS:
        for language, original, translation in archives.translations(wheels, name):
            sentences[language] += _sentences(translation)
            originals.update(_sentences(original))
    return sentences, sorted(originals)


def _sentences(text: str) -> list[str]:
    return [line.strip() for line in SENTENCE.split(text) if line.strip() and lines.is_prose(line)]


def _prose(pieces: Pieces, kind: str) -> list[str]:
    return [line for line in pieces.get(kind, []) if lines.is_prose(line)]


def _words(line: str) -> list[str]:
    return [word.lower for word in split(clean(line)) if len(word.lower) > 2]


def fitted(known: Lexicon, text: list[Example], identifiers: list[Example]) -> Model:
    """The word model first: the line models look at its scores."""
    dice = random.Random(SEED)
    empty = Model(
        *(
            Weights(0.0, dict.fromkeys(names, 0.0))
            for names in (features.WORD_FEATURES, *(features.LINE_FEATURES,) * 2)
        )
    )
    half = [item for group in (text, identifiers) for item in dice.sample(group, len(group) // 2)]
    model = msgspec.structs.replace(empty, word=fit.word_weights(Scorer(known, empty), half))
    judge = Scorer(known, model)
    return Model(model.word, fit.line_weights(judge, text), fit.line_weights(judge, identifiers))


if __name__ == "__main__":
    main()
