"""IPython's own syntax in the cells of a notebook, decided as its `inputtransformer2` does.

What IPython hands to a shell or a magic becomes `pass`, so that every other line keeps its number. What a
magic runs as Python, such as `%time model.fit(x)` and the cell below `%%capture`, is Python here too.
"""

import re
import textwrap
from collections.abc import Sequence

from msgspec import Struct

from grader.reading.notebooks import logical

# Cell magics that run their cell in the kernel; `%%writefile train.py` holds a program that is run later.
RUNNING = frozenset(
    "time timeit capture prun debug memit mprun lprun scalene snakeviz pyinstrument heat wandb skip "
    "writefile file python python3 pypy".split()
)  # fmt: skip
# Cell magics of other languages, as lexers name these; "" is read as nothing.
LANGUAGES = {
    **dict.fromkeys(("bash", "sh", "shell", "!", "sx", "system"), "bash"),
    **dict.fromkeys(("javascript", "js"), "javascript"),
    **dict.fromkeys(("markdown", "html"), "markdown"),
    **dict.fromkeys(("sql", "bigquery"), "sql"),
    **{name: name for name in ("r", "ruby", "perl", "cython", "julia")},
    "cmd": "batch",
    "latex": "tex",
    "svg": "",
}
SHELLS = ("bash", "batch")
# Line magics whose arguments are a statement that they run, after their options.
STATEMENTS = frozenset("time timeit prun memit".split())
OPTIONS = re.compile(r"^(?:-[nrplsTD]\s*\S+\s+|-[a-zA-Z]+\s+)*")
# What a cell of one line may call without `%`: IPython's `automagic`.
AUTOMATIC = frozenset(
    "cd conda cat clear cp ls ll mamba man matplotlib mkdir more mv pip pwd rm rmdir".split()
)

ESCAPED = re.compile(r"\s*(?![!%/]=|//)[!?%,;/]")
MAGIC = re.compile(r"%%(\S+)[ \t]*(.*)")
ASKED = re.compile(r"(?:%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)\?\??$")
PROMPTS = (
    (re.compile(r"^>>>( |$)"), re.compile(r"^(?:>>>|\.\.\.)(?: |$)")),
    (re.compile(r"^(?: ?In \[\d+\]: )"), re.compile(r"^(?: ?In \[\d+\]: |\s*\.{3,}: ?)")),
)


class Command(Struct, frozen=True):
    """What a shell or a magic is given, on `line` of its cell, from 1: `pip install timm`."""

    line: int
    text: str


class Code(Struct, frozen=True):
    """A cell as one language: "python", or what another magic reads; "" is no language that is read here.

    `text` has as many lines as the cell. `magic` is the cell magic above it, if any.
    """

    language: str
    text: str
    commands: tuple[Command, ...] = ()
    magic: str = ""


def translate(source: str) -> Code:
    """A code cell of a Python kernel."""
    lines = _without_prompts(textwrap.dedent(source).split("\n"))
    start, magic = 0, ""
    while (first := _first(lines, start)) < len(lines) and (above := _cell_magic(lines[first])):
        magic, arguments = above
        start = first + 1
        language = _language(magic, arguments)
        if language != "python":
            body = lines[start:]
            told = enumerate(body, start + 1) if language in SHELLS else ()
            commands = tuple(Command(number, line) for number, line in told if line.strip())
            return Code(language, "\n".join([*[""] * start, *body]), commands, magic)
    python, found = _lines(lines[start:])
    moved = tuple(Command(command.line + start, command.text) for command in found)
    return Code("python", "\n".join([*[""] * start, *python]), moved, magic)


def _first(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that is not blank."""
    return next((number for number in range(start, len(lines)) if lines[number].strip()), len(lines))


def _cell_magic(line: str) -> tuple[str, str] | None:
    """Name and arguments of `%%time -o`. `%%time?` only asks what that is."""
    found = MAGIC.match(line)
    return (found[1], found[2]) if found and not re.match(r"%%\w+\?", line) else None


def _language(magic: str, arguments: str) -> str:
    """Of a magic that nobody knows, the cell is taken as Python: it says itself whether it is."""
    name = magic.lower()
    if name == "script":
        program = arguments.split()[0].rpartition("/")[2] if arguments.split() else ""
        return _language(program, "") if program else ""
    if name in ("writefile", "file"):
        return "python" if arguments.strip().strip("\"'").endswith(".py") else ""
    return "python" if name in RUNNING else LANGUAGES.get(name, "python")


def _without_prompts(lines: list[str]) -> list[str]:
    """A session that was pasted with its prompts."""
    opening = next((line for line in lines if line.strip()), "")
    for first, any_line in PROMPTS:
        if first.match(opening):
            return [any_line.sub("", line, count=1) for line in lines]
    return lines


def _lines(lines: Sequence[str]) -> tuple[list[str], list[Command]]:
    """Python of the same number of lines, and what was taken out of it."""
    code, commands = list(lines), list[Command]()
    if automatic := _automatic(lines):
        return ["pass", *lines[1:]], [Command(1, automatic)]
    at = 0
    while at < len(lines):
        step = _escaped if ESCAPED.match(lines[at]) else _plain
        last, replaced, found = step(lines, at)
        if replaced is not None:
            code[at : last + 1] = [*replaced.split("\n"), *[""] * (last - at - replaced.count("\n"))]
        commands += found
        at = last + 1
    return code, commands


Step = tuple[int, str | None, list[Command]]  # the last line, the lines instead (None: as they are), commands


def _escaped(lines: Sequence[str], at: int) -> Step:
    """`!ls`, `%time f()`, `?name`, `/f x`, with the lines that backslashes join to it."""
    text, last = logical.joined(lines, at)
    text = text.lstrip()
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    python = "" if ASKED.search(text) else _statement(text)
    commands = [Command(at + 1, text.lstrip("!%").strip())] if text[0] in "!%" else []
    return last, indent + (python or "pass"), commands


def _plain(lines: Sequence[str], at: int) -> Step:
    """Python, but for `x = !ls` and for `name?`."""
    found = logical.statement(lines, at)
    if found.handed_over:
        return _assigned(lines, at, *found.handed_over)
    if found.asks and ASKED.search("\n".join(lines[at : found.last + 1]).rstrip()):
        return found.last, lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass", []
    return found.last, None, []


def _assigned(lines: Sequence[str], first: int, line: int, column: int) -> Step:
    """What `x` becomes in `x = !ls` is not known; in `x = %time f()` it is what `f()` returns."""
    text, last = logical.joined(lines, line, column)
    given = text.strip()
    before = [*lines[first:line], lines[line][:column]]
    value = _statement(given) if given[0] == "%" else ""
    return last, "\n".join(before) + f" {value or None}", [Command(line + 1, given[1:].strip())]


def _automatic(lines: Sequence[str]) -> str:
    """`pip install timm`, alone in its cell. A name that is assigned to or called is no magic."""
    text = "\n".join(lines).strip()
    word, _, rest = text.partition(" ")
    return text if "\n" not in text and word in AUTOMATIC and rest.lstrip()[:1] not in ("=", "(") else ""


def _statement(text: str) -> str:
    """The Python that an escaped line runs, "" for what leaves the kernel or only shows something."""
    name, _, rest = text[1:].partition(" ")
    if text[0] == "%":
        return OPTIONS.sub("", rest, count=1).strip() if name in STATEMENTS else ""
    if text[0] == "/" and name:
        return f"{name}({', '.join(rest.split())})"
    if text[0] in ",;" and name:
        words = rest.split() if text[0] == "," else [rest]
        return f"{name}({', '.join(map(repr, words))})"
    return ""
