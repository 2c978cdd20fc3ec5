"""A line of text, or an identifier, as words: what is not language (addresses, paths, markup) is taken out.

Used by the scorer and by its training alike, so that both see the same words.
"""

import re
import unicodedata

from msgspec import Struct

LONGEST_LINE = 2_000  # characters of one unit that are read; a longer one is data, not prose

DETACHED = {"\u00a8": "\u0308", "\u00b4": "\u0301", "\u02dd": "\u030b", "\u02c7": "\u030c"}
DETACHED_ACCENT = re.compile(r"([\u00a8\u00b4\u02dd\u02c7]) ?([aeiouAEIOUcszCSZ])")
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\ufeff\ufffe]")
NOT_LANGUAGE = re.compile(
    r"""
      \b(?:https?|ftp|file|git|ssh|s3|gs)://\S+ | \bwww\.\S+               # addresses
    | [\w.+-]+@[\w-]+\.\w[\w.]*                                           # e-mail, git@host
    | \$?\{[^{}]*\}                                                       # {placeholder}
    | %\(?\w*\)?[-+ #0]*[\d.]*[sdifgrxX]\b                                # %s %(name)d
    | </?[A-Za-z][^<>]*> | &\#?\w+;                                       # markup
    | \\(?:usepackage|begin|end|label|ref|cite\w*|includegraphics|input|bibliography\w*|documentclass)
        (?:\[[^\]]*\])?(?:\{[^}]*\})*  # LaTeX commands whose argument is code
    | \\[A-Za-z]+ | \b(?:La|Bib|Xe|Lua)?TeX\b  # other LaTeX commands, and its name
    | (?<![\w/])(?:~|\.{1,2})?(?:/[\w.@+-]+){2,}/?                        # /a/path
    | (?<!\w)[\w.-]+(?:/[\w.@+*-]+)+\.\w{1,6}\b                           # a/path.ext
    | (?<!\w)[\w.*-]*\w?\.(?:py|ipynb|csv|tsv|json|jsonl|txt|md|rst|pkl|pickle|pth|pt|h5|hdf5|npy|npz|onnx
        |ya?ml|toml|cfg|ini|log|jpe?g|png|gif|svg|bmp|tiff?|pdf|docx?|xlsx?|pptx?|zip|tar|gz|tgz|xz|sh|bat
        |exe|c|cc|cpp|h|hpp|cu|java|js|ts|css|html?|xml|lua|tex|bib|mat|wav|mp[34]|db|sql|so|dll|lock|git
        |safetensors)\b                                                        # file.ext
    | \[[^\]\s]*\w-\w[^\]\s]*\]                                              # [a-z] of a regular expression
    | \b(?-i:(?=[A-Z\d]*\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{6})\b                       # a NEPTUN code with a digit
    | (?<=[(\[|])\ ?(?-i:[A-Z]{6})\ ?(?=[)\]|])
    | (?<=neptun:)\ ?(?-i:[A-Z\d]{6})\b  # one without, where codes stand
    | \b(?-i:[A-Z]{6}\d\d)\b                                                   # a course, VITMAV45
    | (?<!\S)--?[a-z][\w-]*                                               # --option
    | \A\s*[\w.-]+/(?=[\w.]*[-_\d])[\w.-]+\s*\Z                             # owner/id-of-data
    """,
    re.VERBOSE | re.IGNORECASE,
)
SPAN = re.compile(r"[^\W\d_]+")
LOWER = "a-z\u00df-\u00f6\u00f8-\u00ff\u0151\u0171"
UPPER = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0150\u0170"
CAMEL = re.compile(
    f"(?<=[{LOWER}])(?=[{UPPER}][{UPPER}{LOWER}])"
    f"|(?<=[{LOWER}]{{3}})(?=[{UPPER}])|(?<=[{UPPER}])(?=[{UPPER}][{LOWER}])"
)


class Word(Struct, frozen=True):
    """A run of letters. `text` as it is written, `lower` as it is looked up."""

    text: str
    lower: str
    start: int  # offset in the cleaned line

    @property
    def is_title(self) -> bool:
        return self.text[0].isupper() and not self.text.isupper()


def clean(text: str) -> str:
    """Accents recomposed, compatibility forms folded, everything that is not language blanked."""
    text = INVISIBLE.sub("", text[:LONGEST_LINE])
    text = DETACHED_ACCENT.sub(lambda match: match[2] + DETACHED[match[1]], text)
    text = unicodedata.normalize("NFKC", text)
    return NOT_LANGUAGE.sub(" ", text)


def split(text: str) -> list[Word]:
    """The words of a cleaned line: `kepBetoltes` and `kep_betoltes` are two, single letters are none."""
    words = []
    for span in SPAN.finditer(text):
        start = span.start()
        for part in CAMEL.split(span[0]):
            if len(part) > 1:
                words.append(Word(part, part.lower(), start))
            start += len(part)
    return words


def plain(word: str) -> str:
    """Without accents: `képek` is `kepek`, `łódź` is `lodz`."""
    if word.isascii():
        return word
    folded = word.translate(STROKES)
    return "".join(
        letter for letter in unicodedata.normalize("NFD", folded) if not unicodedata.combining(letter)
    )


STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})
