"""Source of every type: which language a file is in, and its comments, strings and defined names.

The languages are named here one by one and not looked up by Pygments: what is judged is known, and so are the
regular expressions that run. Names are judged in Python only: lexers do not tell which are defined.
"""

import tokenize
from pathlib import PurePosixPath

from grader.reading.english.sources import python
from grader.reading.english.sources.python import Piece

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
LONGEST_PYTHON_LINE = 20_000


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
        return _lexed(source, "python")
    lexer = lexer_called(language)
    return _lexed(source, lexer) if lexer else []


def _lexed(source: str, lexer: str) -> list[Piece]:
    from grader.reading.english.sources import lexing

    return list(lexing.pieces(source, lexer))
