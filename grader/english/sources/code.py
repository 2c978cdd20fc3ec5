"""Comments and strings of every source type but Python, through Pygments.

The lexers are named here one by one and not looked up by Pygments: what is judged is known, and so are the
regular expressions that run. Names are not judged in these languages: lexers do not tell which are defined.
"""

import re
import tokenize
from collections.abc import Iterator
from pathlib import PurePosixPath

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Literal, String, Text, Token, _TokenType

from grader.english.sources import python
from grader.english.sources.python import Piece
from grader.english.unit import Kind

BY_SUFFIX = {
    ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".fish": "fish", ".ps1": "powershell",
    ".bat": "batch", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".cfg": "ini", ".ini": "ini",
    ".conf": "ini", ".c": "c", ".h": "cpp", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp",
    ".cu": "cuda", ".cuh": "cuda", ".java": "java", ".kt": "kotlin", ".cs": "csharp", ".go": "go",
    ".rs": "rust", ".swift": "swift", ".scala": "scala", ".js": "javascript", ".mjs": "javascript",
    ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript", ".css": "css", ".php": "php",
    ".rb": "ruby", ".pl": "perl", ".lua": "lua", ".m": "matlab", ".r": "r", ".jl": "julia",
    ".tex": "tex", ".sty": "tex", ".cls": "tex", ".sql": "sql", ".cmake": "cmake", ".mk": "make",
    ".dockerfile": "docker", ".proto": "protobuf", ".pyx": "cython", ".pxd": "cython", ".py": "python",
    ".pyi": "python", ".pyw": "python",
}  # fmt: skip
BY_NAME = {
    "dockerfile": "docker", "containerfile": "docker", "makefile": "make", "gnumakefile": "make",
    "cmakelists.txt": "cmake", ".gitignore": "bash", ".dockerignore": "bash", ".gitattributes": "bash",
    ".env": "bash", ".bashrc": "bash",
}  # fmt: skip
ALIASES = {
    "shell": "bash", "sh": "bash", "console": "bash", "zsh": "bash", "c++": "cpp", "js": "javascript",
    "ts": "typescript", "dockerfile": "docker", "makefile": "make", "latex": "tex", "yml": "yaml",
    "octave": "matlab",
}  # fmt: skip
LEXERS = frozenset(BY_SUFFIX.values()) | {"python"}
LONGEST_LINE = 5_000  # characters; the rest of a longer line is cut off before the lexer sees it
LONGEST_PYTHON_LINE = 20_000
QUOTES = "\"'`"
MARKS = re.compile(r"^\s*(?://+|#+|--+(?:\[\[)?|%+|/\*+|\*+/?|;+|::|REM\b)\s?|\s*(?:\*/|\]\])\s*$")
SILENT = (
    Comment.Preproc,
    Comment.PreprocFile,
    Comment.Hashbang,
    String.Interpol,
    String.Escape,
    String.Regex,
    String.Affix,
)
SCALARS = (String, Literal.Scalar, Literal.String)


def language_of(path: str) -> str:
    """The language of a source file by its name, "" where it is none."""
    name = PurePosixPath(path).name.lower()
    stem = name.split(".")[0]
    if name in BY_NAME or stem in ("dockerfile", "makefile"):
        return BY_NAME.get(name) or BY_NAME[stem]
    return BY_SUFFIX.get(PurePosixPath(name).suffix, "")


def lexer_called(language: str) -> str:
    """The lexer for a language as a code fence or a notebook names it, "" for one that is not read."""
    name = ALIASES.get(language.lower(), language.lower())
    return name if name in LEXERS else ""


def read(source: str, language: str) -> list[Piece]:
    """The pieces of a source file or of a part of one; none where `language` is not read."""
    if language.startswith(("python", "ipython")) or language == "py":
        longest = max(map(len, source.splitlines()), default=0)
        if longest <= LONGEST_PYTHON_LINE:
            try:
                return list(python.pieces(source))
            except (tokenize.TokenError, SyntaxError):  # half a program, or another dialect of it
                pass
        return list(_lexed(source, "python"))
    lexer = lexer_called(language)
    return list(_lexed(source, lexer)) if lexer else []


def _lexed(source: str, language: str) -> Iterator[Piece]:
    lexer: Lexer = get_lexer_by_name(language, stripnl=False)
    source = "".join(f"{line[:LONGEST_LINE]}\n" for line in source.splitlines())
    line, start = 1, 1
    held, kind = "", None
    for token, text in lexer.get_tokens(source):
        found = _kind(token, language)
        if found != kind or (kind == "comment" and held.endswith("\n")):
            yield from _flushed(held, kind, start)
            held, kind, start = "", found, line
        held += text
        line += text.count("\n")
    yield from _flushed(held, kind, start)


def _kind(token: _TokenType, language: str) -> Kind | None:
    if any(token in silent for silent in SILENT):
        return None
    if token in Comment:
        return "comment"
    if any(token in scalar for scalar in SCALARS):
        return "string"
    if language == "tex" and (token in Text or token is Token.Text):
        return "markdown"
    return None


def _flushed(held: str, kind: Kind | None, start: int) -> Iterator[Piece]:
    if kind is None:
        return
    for number, line in enumerate(held.split("\n")):
        text = MARKS.sub("", line).strip() if kind == "comment" else line.strip().strip(QUOTES).strip()
        if text:
            yield start + number, kind, text
