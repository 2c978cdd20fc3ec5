"""What a submission prints, patches, leaves or exits with decides nothing; layers are refused."""

import sys
import textwrap

import pytest

import grader
from tests.running.labs.conftest import LABS, Answer, errors, reference, texts

GOOD = reference("l1")
WRONG = GOOD.replace("+ b)", ")")  # no bias: has to fail, whatever is written around it
ZEROS = "import numpy as np\ndef rnn_forward(*, x, h0, **_): return np.zeros(x.shape[:2] + h0.shape[1:])\n"


def forward(body: str, before: str = "") -> str:
    """A file whose rnn_forward has this body, beside the right rnn_backward."""
    head = f"{GOOD}\n{textwrap.dedent(before)}\nright = rnn_forward\n"
    return (
        f"{head}def rnn_forward(*, x, h0, Wxh, Whh, b):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    )


IN_TORCH = "import torch\nx, h0, Wxh, Whh, b = map(torch.as_tensor, (x, h0, Wxh, Whh, b))\n"

RIGHT = "right(x=x, h0=h0, Wxh=Wxh, Whh=Whh, b=b)"
LOOP = """
hs = []
for x_t in x:
    h0 = torch.tanh(x_t @ Wxh.T + h0 @ Whh.T + b)
    hs.append(h0)
"""
CHANGED = """
hs, h = [], h0.copy()
for x_t in x:
    h[:] = np.tanh(x_t @ Wxh.T + h @ Whh.T + b)
    hs.append(h)
return hs
"""

LATER = """
import threading
returned, again = [], threading.Event()

def spoil():
    again.wait()
    for each in returned:
        each[:] = 7

spoiling = threading.Thread(target=spoil)
spoiling.start()
"""
SPOILED = f"""
if returned:
    again.set()
    spoiling.join()
    returned[-1][:] = 8
returned.append({RIGHT})
return returned[-1][:]
"""

# What is fine, and passes.
FINE = {
    "noisy": forward(f"import sys\nprint('100 points'); print('wrong', file=sys.stderr)\nreturn {RIGHT}"),
    "in_torch": forward(f"{IN_TORCH}{LOOP}return torch.stack(hs)"),
    "with_gradients": forward(f"{IN_TORCH}Whh.requires_grad_()\n{LOOP}return hs"),
    "in_place": forward(f"found = {RIGHT}\nfor each in (x, h0, Wxh, Whh, b): each *= 0\nreturn found"),
    "lists": forward(f"return {RIGHT}.tolist()"),
    "changed_after_it_was_returned": forward(SPOILED, LATER),
}

PATCHED = """
import numpy, builtins, json, sys
for name in ("allclose", "isclose", "array_equal", "abs"):
    setattr(numpy, name, lambda *a, **k: True)
numpy.testing.assert_allclose = lambda *a, **k: None
json.dumps = lambda *a, **k: '{"value": null}'
sys.modules["numpy.testing"] = None
"""
REPLACED = """
import sys, types
for name in ("numpy", "json", "base64", "os", "ast", "traceback", "answering.values", "answering.child"):
    sys.modules[name] = types.ModuleType(name)
"""
LYING = """
class Lying(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0 * np.asarray(other)
    def __array__(self, *a, **k): return self.view(np.ndarray)
    @property
    def shape(self): return (2, 2, 4)
"""
FLOODS = """
import os
for number in range(3, 20):
    try: os.write(number, bytes(1 << 25))
    except OSError: pass
"""
# What has to fail, and a part of what is said about it.
FAILS = {
    "patched": (WRONG + PATCHED.replace("json.dumps", "json_dumps"), "rnn_forward: h "),
    "forged": (WRONG + PATCHED, "h is None"),
    "replaced": (WRONG + REPLACED, "rnn_forward: h "),
    "complex": (forward(f"return {RIGHT}.astype(complex)"), "of the type ndarray of complex128"),
    "lying": (forward("return np.zeros(x.shape[:2] + h0.shape[1:]).view(Lying)", LYING), "rnn_forward: h "),
    "inputs_made_zero": (
        forward("for each in (x, h0, Wxh, Whh, b): each *= 0\nreturn np.zeros((len(x), *h0.shape))"),
        "rnn_forward: h ",
    ),
    "floods": (GOOD + FLOODS, "too much output"),
    "exits": (forward("import os; os._exit(0)"), "no call was answered"),
    "exits_later": (
        GOOD + "def rnn_backward(**_):\n    import os; os._exit(3)",
        "rnn_backward did not return: ended itself with status 3; 3 of 6 calls were answered",
    ),
    "leaves": (forward("import sys; sys.exit(0)"), "SystemExit"),
    "ends_on_import": (GOOD + "\nimport os; os._exit(0)", "no call was answered"),
    "kills_itself": (forward("import os; os.kill(os.getpid(), 9)"), "SIGKILL"),
    "memory": (forward("return np.empty((3 << 27,))"), "MemoryError"),
    "huge": (forward("return np.zeros((1_000_000, 3))"), "h has the shape (1000000, 3), expected"),
    "flat": (forward(f"return {RIGHT}.ravel()"), "h has the shape (16,), expected (2, 2, 4)"),
    "nan": (forward(f"return {RIGHT} * np.nan"), "h is nan at [0, 0, 0]"),
    "single": (forward(f"return {RIGHT}.astype('float32')"), "keep the float64"),
    "text": (forward("return 'all right'"), "h is of the type str"),
    "nothing": (forward(f"{RIGHT}"), "h is None"),
    "objects": (forward("return np.array([object()])"), "of the type ndarray of object"),
    "same_array": (forward(CHANGED), "changed in place, collected again and again"),
    "gone": (GOOD.replace("rnn_backward", "backward"), "there is no function rnn_backward"),
    "broken": ("def rnn_forward(:\n", "SyntaxError"),
    "divides": (forward("return 1 / 0"), "ZeroDivisionError"),
    "generator": (forward(f"yield from {RIGHT}"), "of the type generator"),
}  # fmt: skip
ENDLESS = {"never_returns": "while True: pass", "sleeps": "import time; time.sleep(1000)"}

PEEKS = """
import glob, os, gc
seen = [place for place in ("/proc/self/environ", "/proc/1/cmdline", f"/proc/{os.getppid()}/mem")
        if os.access(place, os.R_OK) and open(place, "rb").read(1)]
found = [name for name in ("reference.py", "cases.py") for root in ("/code", "/out", "/tmp", "/dev/shm")
         for name in glob.glob(f"{root}/**/{name}", recursive=True)]
found += [place for place in ("PRIVATE", "GRADER") if os.path.exists(place) and os.listdir(place)]
others = [each for each in gc.get_objects() if isinstance(each, str) and "a classmate wrote this" in each]
others += [os.read(0, 100)]  # submissions come on the program's stdin
def rnn_forward(**_): raise LookupError(f"{found} {others} {[s for s in seen if 'mem' in s]}")
"""
LEAVES = """
import ctypes, os, pathlib, threading, time
pathlib.Path("/tmp/answer").write_text("from your classmate")
os.mkdir("/tmp/closed"); os.chmod("/tmp/closed", 0)
threading.Thread(target=time.sleep, args=(1000,)).start()
if os.fork() == 0:
    os.setsid(); ctypes.CDLL(None).prctl(15, b"stays"); time.sleep(1000); os._exit(0)
"""
FINDS = """
import os, pathlib
left = os.listdir("/tmp") + os.listdir("/dev/shm")
alive = [place.read_text().strip() for place in pathlib.Path("/proc").glob("[0-9]*/comm")]
def rnn_forward(**_): raise LookupError(f"{left} {len(alive) > 2} {'stays' in alive}")
"""


@pytest.fixture(scope="module")
def runs(answers: Answer):  # type: ignore[no-untyped-def]
    sources = {
        "leaves_things": "# a classmate wrote this\n" + GOOD + LEAVES,
        "finds_things": GOOD + FINDS,
        "peeks": GOOD + PEEKS.replace("PRIVATE", str(LABS.absolute())).replace("GRADER", grader.__path__[0]),
        **FINE,
        **{name: source for name, (source, _) in FAILS.items()},
    }
    group = {who: {"labs/l1.py": source} for who, source in sources.items()}
    return answers("l1", group)


@pytest.mark.parametrize("name", FINE)
def test_whatever_computes_it_passes(name: str, runs) -> None:  # type: ignore[no-untyped-def]
    assert errors("l1", runs[name]) == []


@pytest.mark.parametrize("name", FAILS)
def test_nothing_but_the_answer_counts(name: str, runs) -> None:  # type: ignore[no-untyped-def]
    assert FAILS[name][1] in texts(errors("l1", runs[name]))


def test_what_does_not_end_is_ended(answers: Answer) -> None:
    group = {name: {"labs/l1.py": forward(body)} for name, body in ENDLESS.items()}
    for run in answers("l1", group, seconds=1.0).values():
        assert "no call was answered: more than 1 s were needed" in texts(errors("l1", run))


def test_there_is_nothing_to_find(runs) -> None:  # type: ignore[no-untyped-def]
    """No private file, no classmate's text in the memory, no other process's memory."""
    assert "LookupError: [] [b''] []" in texts(errors("l1", runs["peeks"]))


def test_what_one_leaves_the_next_one_does_not_meet(runs) -> None:  # type: ignore[no-untyped-def]
    """Files and processes are gone."""
    assert errors("l1", runs["leaves_things"]) == []
    inside = [sys.prefix.split("/")[2]] if sys.prefix.startswith("/tmp/") else []  # Python itself lies there
    assert f"LookupError: {inside} True False" in texts(errors("l1", runs["finds_things"]))
