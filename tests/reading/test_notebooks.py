"""Notebooks: JSON as Jupyter reads it, and IPython's syntax, with IPython itself as a second opinion."""

import ast
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from grader.reading import notebooks
from grader.reading.notebooks import Code, Command, translate


def book(*sources: str, **more: Any) -> str:
    cells = [{"cell_type": "code", "source": source.splitlines(True), "outputs": []} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1250"])
def test_the_same_notebook_in_every_encoding(encoding: str) -> None:
    text = book("x = 'vége'\n").replace("\\u00e9", "é")
    (cell,) = notebooks.parse(text.encode(encoding)).cells
    assert (cell.number, cell.kind, cell.source) == (0, "code", "x = 'vége'\n")


def test_nan_and_halves_of_surrogate_pairs_are_read_as_nbformat_reads_them() -> None:
    data = '{"output_type": "display_data", "data": {"application/json": {"x": NaN, "y": -Infinity}}}'
    stream = r'{"output_type": "stream", "text": ["half \ud83d done ", "\ud83d", "\ude00"]}'
    text = book("x = 1").replace('"outputs": []', f'"outputs": [{data}, {stream}]')
    (cell,) = notebooks.parse(text.encode()).cells
    assert [output.text for output in cell.outputs] == ["", "half \ufffd done \U0001f600"]


def test_markdown_and_outputs_of_both_formats() -> None:
    four = {"cells": [
        {"cell_type": "markdown", "source": ["# Title\r\n", "text"]},
        {"cell_type": "code", "source": "fit()", "execution_count": 7, "outputs": [
            {"output_type": "error", "ename": "KeyboardInterrupt", "traceback": []},
            {"output_type": "execute_result", "data": {"text/plain": ["3"], "text/html": "<b>3</b>"}},
        ]},
    ], "metadata": {"language_info": {"name": "R"}}}  # fmt: skip
    read = notebooks.parse(json.dumps(four).encode())
    assert read.language == "r"
    assert read.cells[0] == notebooks.Cell(0, "text", "# Title\ntext")
    assert read.cells[1].executed == 7
    assert read.cells[1].outputs == (
        notebooks.Output(error="KeyboardInterrupt"), notebooks.Output("3", html="<b>3</b>")
    )  # fmt: skip
    three = {
        "worksheets": [
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "input": "x",
                        "prompt_number": 2,
                        "outputs": [
                            {"output_type": "stream", "stream": "stderr", "text": "a"},
                            {"output_type": "pyout", "text": "b"},
                        ],
                    }
                ]
            }
        ]
    }
    (cell,) = notebooks.parse(json.dumps(three).encode()).cells
    assert (cell.source, cell.executed) == ("x", 2)
    assert cell.outputs == (notebooks.Output("a", stream="stderr"), notebooks.Output("b"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1, column 1 is not JSON"),
        (b'{"cells": [1,}', "line 1, column 14 is not JSON"),
        (b"[1]", "no object"),
        (b'{"cells": 3}', "no cells"),
        (b"[" * 100_000, "beyond what Jupyter reads"),
        (b'{"cells": ' + b"1" * 5_000 + b"}", "beyond what Jupyter reads"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> b1\n}', "line 2 begins a merge conflict"),
    ],
)
def test_what_is_no_notebook_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=f"not a notebook: .*{reason}"):
        notebooks.parse(content)


def test_cells_beyond_the_limit_are_counted() -> None:
    read = notebooks.parse(book(*["x"] * 5_003).encode())
    assert (len(read.cells), read.left_out) == (5_000, 3)


CASES: dict[str, tuple[str, str]] = {  # a cell, and what of it is Python
    "help behind a name": ("model.layer4?\nx = 1", "pass\nx = 1"),
    "help before a name": ("?model.fit\n??model\nx = 1", "pass\npass\nx = 1"),
    "help for a magic": ("%timeit?\n%%time?", "pass\npass"),
    "help takes its whole line": ("x = model.fit?", "pass"),
    "a question in a text": ('print("why?")\nx = "a?"', 'print("why?")\nx = "a?"'),
    "a question in a comment": ("x = 1  # why?", "x = 1  # why?"),
    "shell, continued": ("!pip install -q timm \\\n    tqdm\nx = 1", "pass\n\nx = 1"),
    "shell with quotes and brackets": ("!echo \"it's (\nx = 1", "pass\nx = 1"),
    "shell inside a block": ("if a:\n    !ls\nelse:\n    %cd x", "if a:\n    pass\nelse:\n    pass"),
    "magic with arguments": ("%%capture out\nx = 1", "\nx = 1"),
    "magic with options": ("%%timeit -n 1 -r 1\nx = 1", "\nx = 1"),
    "magics above magics": ("%%time\n%%capture\n!ls\nx = 1", "\n\npass\nx = 1"),
    "magic below blank lines": ("\n\n%%time\nx = 1", "\n\n\nx = 1"),
    "a percent sign continues": ('print("%d %f"\n      % (e, 0.5))', 'print("%d %f"\n      % (e, 0.5))'),
    "unequal continues": ("ready = (a\n   != 1000)", "ready = (a\n   != 1000)"),
    "a backslash continues": ("x = 7 \\\n    % 4", "x = 7 \\\n    % 4"),
    "division continues": ("x = (7\n    / 4)", "x = (7\n    / 4)"),
    "signs inside a long text": ("s = '''\n%ls\n!rm\n?\n'''\n%cd x", "s = '''\n%ls\n!rm\n?\n'''\npass"),
    "a text over a backslash": ("s = 'a\\\n!ls'\n!ls", "s = 'a\\\n!ls'\npass"),
    "assigned shell": ("files, n = !ls \\\n  -l\nx = 1", "files, n = None\n\nx = 1"),
    "assigned shell with a bracket": ("n = !echo (\nx = (1,\n 2)", "n = None\nx = (1,\n 2)"),
    "assigned magic": ("here = %pwd\nx = 1", "here = None\nx = 1"),
    "modulo is no magic": ("x = 9 % y\nx = (a) % b", "x = 9 % y\nx = (a) % b"),
    "not equal is no shell": ("x = a != b", "x = a != b"),
    "keyword arguments": ("f(a=1,\n  b=2)\nx == 3", "f(a=1,\n  b=2)\nx == 3"),
    "auto call": ("/f a b\n,g a b\n;h a b", "f(a, b)\ng('a', 'b')\nh('a b')"),
    "prompts": (">>> x = 1\n>>> if x:\n...     f()", "x = 1\nif x:\n    f()"),
    "prompts of IPython": ("In [3]: x = 1\n   ...: y = 2", "x = 1\ny = 2"),
    "indented as a whole": ("    x = 1\n    !ls", "x = 1\npass"),
}
# What a magic runs in the kernel is Python here; IPython hands it to the magic as text.
RUN = {
    "timed": ("%time model.fit(x)\n%timeit -n1 -r 2 f(x)\n%prun -l 10 g()", "model.fit(x)\nf(x)\ng()"),
    "timed and assigned": ("h = %time model.fit(x)", "h = model.fit(x)"),
    "an installation alone in its cell": ("pip install timm", "pass"),
    "a name like a magic": ("cp = 3", "cp = 3"),
    # No Python; Python 3.11 alone lets IPython take all three lines for one, and make `pass` of them.
    "an open string above help": ("'a\\\nx = 1\nname?", "'a\\\nx = 1\npass"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES | RUN)
def test_what_of_a_cell_is_python(name: str) -> None:
    source, python = (CASES | RUN)[name]
    code = translate(source)
    assert code.language == "python"
    assert code.text == python
    assert code.text.count("\n") == source.count("\n")


def ours(source: str) -> str:
    try:
        return ast.dump(ast.parse(translate(source).text))
    except (SyntaxError, ValueError):
        return "no Python"


class Handed(ast.NodeTransformer):
    """What IPython hands over, as `translate` writes it: `pass`, or None where it is assigned."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return ast.Pass() if self._is_handed(node.value) else node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        return ast.Assign(node.targets, ast.Constant(None)) if self._is_handed(node.value) else node

    @staticmethod
    def _is_handed(node: ast.expr) -> bool:
        return "get_ipython" in ast.dump(node)


def theirs(source: str) -> str:
    transformer = pytest.importorskip("IPython.core.inputtransformer2")
    try:
        text = transformer.TransformerManager().transform_cell(source)
        tree = ast.parse(text)
        if "run_cell_magic" in text:  # the cell below it is a cell again
            (call,) = (node.value for node in tree.body if isinstance(node, ast.Expr))
            assert isinstance(call, ast.Call) and isinstance(call.args[2], ast.Constant)
            return theirs(str(call.args[2].value))
        return ast.dump(Handed().visit(tree))
    except (SyntaxError, ValueError):
        return "no Python"


@pytest.mark.parametrize("name", CASES)
def test_ipython_itself_says_the_same(name: str) -> None:
    source = CASES[name][0]
    assert ours(source) == theirs(source) != "no Python"


# Each piece is one line of a cell, or two that belong together.
PIECES = (
    "x = 1",
    "!ls",
    "%cd data",
    "y = !ls",
    "y = %pwd",
    "name?",
    "?name",
    "if x:",
    "    !ls (",
    "    y = 2",
    "f(",
    "  % 3)",
    "  != 3)",
    "'''",
    "a \\",
    " % b",
    "# it's (",
    "",
    "!echo 'x",
    "'text?'",
    "x = [",
    "]",
    "print 'done'",
    "z = '#'",
    "'a\\\nb'",
    "b'",
    "y = 7 % 3",
    "y = f(a=1)",
    "%matplotlib inline",
    "!pip install \\",
    "   timm",
)


@settings(max_examples=400, deadline=None)
@given(some.lists(some.sampled_from(PIECES), min_size=2, max_size=7).map("\n".join))
def test_ipython_itself_says_the_same_of_any_mixture(source: str) -> None:
    """Python where IPython makes Python of it, the same Python; and none where IPython finds none."""
    assert ours(source) == theirs(source)


def test_other_languages_are_named_and_their_commands_kept() -> None:
    assert translate("%%bash\nwget x\n") == Code("bash", "\nwget x\n", (Command(2, "wget x"),), "bash")
    assert translate("%%script /bin/bash -e\nls").language == "bash"
    assert translate("%%html\n<b>x</b>").language == "markdown"
    assert translate("%%writefile notes.txt\nx").language == ""
    assert translate("%%writefile train.py\nx = 1") == Code("python", "\nx = 1", magic="writefile")
    assert translate("!pip install timm\n%cd x\nfiles = !ls -l").commands == (
        Command(1, "pip install timm"), Command(2, "cd x"), Command(3, "ls -l")
    )  # fmt: skip


def test_a_hostile_cell_is_read_once() -> None:
    """Each of these made a reader look at the rest of the cell again for each line."""
    for line in ("y = !echo (\n", "!echo ( \\\n", "x = (\n", "s = '\\\n", "f?\n", "'''\n", "%time (\n"):
        assert translate(line * 20_000).language == "python"
