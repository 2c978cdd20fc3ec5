"""Layers that would do the exercise are refused by name, however they are reached; names alone are not."""

import textwrap

import pytest

from tests.running.labs.conftest import Answer, errors, texts
from tests.running.labs.test_attacks import GOOD, IN_TORCH, LOOP, forward

ALL = ("recurrent", "autograd", "dropout", "clipping")
SIZES = "I, H = x.shape[2], h0.shape[1]\n"
MODULE = "layer = {}\nreturn layer(x)[0]"
CELL = "return {}(I, H).double()(x[0], h0)"
COPIED = """
import inspect, re
from torch.nn.modules import rnn
names = dict(vars(rnn))
exec(re.sub("@.*_overload_method.*", "", inspect.getsource(rnn.RNN)), names)
return names["RNN"](x.shape[2], 4)(x)
"""
STEP = "x[0], h0, Wxh, Whh, b, 0 * b"
WHOLE = "x, h0[None], [Wxh, Whh, b, 0 * b], True, 1, 0.0, False, False, False"
SCRIPTED = r"'def f(x, h, W, U, b):\n  return torch.rnn_tanh_cell(x, h, W, U, b, b)\n'"
LAYERS = {
    "by_name": MODULE.format("torch.nn.RNN(I, H)"),
    "getattr": MODULE.format("getattr(torch.nn, 'G' + 'RU')(I, H)"),
    "vars": MODULE.format("vars(torch.nn)['LSTM'](I, H)"),
    "attrgetter": "import operator\n"
    + MODULE.format("operator.attrgetter('nn.modules.rnn.RNN')(torch)(I, H)"),
    "import_module": "import importlib\n" + MODULE.format("importlib.import_module('torch.nn').GRU(I, H)"),
    "dunder_import": MODULE.format("__import__('torch').nn.LSTM(I, H)"),
    "subclass": "class Mine(torch.nn.RNN): pass\n" + MODULE.format("Mine(I, H)"),
    "without_init": "layer = torch.nn.RNN.__new__(torch.nn.RNN)\nreturn torch.nn.RNN.forward(layer, x)",
    "executed_again": "import importlib\nfrom torch.nn.modules import rnn\n"
    + MODULE.format("importlib.reload(rnn).RNN(I, H)"),
    "copied": COPIED,
    "cell": CELL.format("torch.nn.LSTMCell"),
    "in_python": "from torch.ao.nn.quantizable import LSTM\n" + MODULE.format("LSTM(I, H).double()"),
    "other_cell": "from torch.ao.nn.quantized.reference import RNNCell\n" + CELL.format("RNNCell"),
    "low_level": f"return torch._VF.rnn_tanh_cell({STEP})",
    "operator": f"return torch.ops.aten.rnn_tanh_cell({STEP})",
    "decomposed": f"return torch.ops.aten.rnn_tanh_cell.default.decompose({STEP})",
    "decomposition": "from torch._decomp import decomposition_table as table\n"
    f"return table[torch.ops.aten.rnn_tanh.input]({WHOLE})[0]",
    "scripted": f"return torch.jit.CompilationUnit({SCRIPTED}).f(x[0], h0, Wxh, Whh, b)",
    "vmap": f"return torch.vmap(lambda x: torch.rnn_tanh_cell({STEP.replace('h0', 'h0[0]')}))(x[None])",
    "dropout": "return torch.nn.functional.dropout(h0, 0.5)",
    "dropout_layer": "return torch.nn.Dropout(0.5)(h0)",
    "clipping": "return torch.nn.utils.clip_grad_norm_([h0], 1.0)",
    "other_program": "import subprocess, sys\nreturn subprocess.run([sys.executable, '-c', 'import torch'])",
    "by_the_shell": "import os\nreturn os.system('python -c \"import torch\"')",
    "spawned": "import multiprocessing\nmultiprocessing.get_context('spawn').Process(target=print).start()",
}
IMPORTED = {
    "layer": ("from torch.nn import LSTM", MODULE.format("LSTM(I, H)")),
    "function": ("from torch.nn.utils import clip_grad_value_ as clip", "return clip([h0], 1.0)"),
}
GRADIENTS = """
def rnn_backward(*, x, h0, Wxh, Whh, b, h, dh):
    import torch
    given = [torch.as_tensor(each).requires_grad_() for each in (h0, Wxh, Whh, b)]
    def loss(state, W, U, b):
        sum = 0.0
        for x_t, d in zip(torch.as_tensor(x), torch.as_tensor(dh)):
            state = torch.tanh(x_t @ W.T + state @ U.T + b)
            sum = sum + (state * d).sum()
        return sum
"""
GRADS = "return [each.grad for each in given]"
ENGINE = ".run_backward((loss(*given),), (torch.tensor(1.0),), False, False, (), True, True)\n" + GRADS
AUTOMATIC = {
    "grad": "return torch.autograd.grad(loss(*given), given)",
    "backward": f"getattr(loss(*given), 'back' + 'ward')()\n{GRADS}",
    "forward_mode": "return torch.func.jacfwd(loss, argnums=(0, 1, 2, 3))(*given)",
    "engine": f"torch._C._ImperativeEngine(){ENGINE}",
    "imported_engine": f"from torch.autograd.variable import ImperativeEngine\nImperativeEngine(){ENGINE}",
    "operator": f"torch.ops.aten._backward(loss(*given), given)\n{GRADS}",
    "scripted": r"torch.jit.CompilationUnit('def f(L):\n  L.backward()\n  return 1\n').f(loss(*given))"
    f"\n{GRADS}",
}
KERAS = {
    "layer": "from keras.src.layers.rnn.simple_rnn import SimpleRNN\nreturn SimpleRNN(H)(x)",
    "by_its_name": "import keras\nreturn keras.saving.deserialize_keras_object("
    "{'module': 'keras.layers', 'class_name': 'LSTM', 'config': {'units': H}})(x)",
    "loop": "from keras.src import backend\nreturn backend.rnn(lambda x, s: (x, s), x, [h0])[1]",
    "executed_again": "import importlib\nimport keras.src.layers.rnn.simple_rnn as rnn\n"
    "return importlib.reload(rnn).SimpleRNNCell(H)(x[0], [h0])[0]",
    "imported_again": "import sys\nimport keras.src.layers.rnn.simple_rnn\n"
    "del sys.modules['keras.src.layers.rnn.simple_rnn']\n"
    "from keras.src.layers.rnn.simple_rnn import SimpleRNNCell\n"
    "return SimpleRNNCell(H)(x[0], [h0])[0]",
}

NAMES_ALONE = """
class LSTM(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.Linear(2, 2)
    def gru(self, a): return torch.tanh(a)
LSTMCell = GRU = LSTM
dropout, bidirectional = LSTM(), False
for t in range(len(x)):
    h0 = dropout.gru(torch.nn.functional.linear(x[t], Wxh, b) + h0 @ Whh.T)
    hs.append(h0)
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
return pad_sequence(hs).transpose(0, 1)
"""
ONE_STEP = r"'def step(x, h, W, U, b):\n  return torch.tanh(x @ W.t() + h @ U.t() + b)\n'"
SCRIPT = f"""
step = torch.jit.CompilationUnit({ONE_STEP}).step
for x_t in x:
    h0 = step(x_t, h0, Wxh, Whh, b)
    hs.append(h0)
return hs
"""
IN_LISTS = "x, h0, Wxh, Whh, b = (torch.tensor(each.tolist()) for each in (x, h0, Wxh, Whh, b))\n"
MEASURES = "import ctypes.util\nctypes.util.find_library('m')\n"  # starts programs, and goes on without
DENSE = """
import keras
from keras import ops
first, second = keras.layers.Dense(H), keras.layers.Dense(H, use_bias=False)
first.build((None, I)); first.set_weights([Wxh.T, b])
second.build((None, H)); second.set_weights([Whh.T])
hs, h = [], ops.convert_to_tensor(h0)
for x_t in x:
    h = ops.tanh(first(x_t) + second(h))
    hs.append(h)
return ops.stack(hs)
"""
ROUND_PYTHON = """
import ctypes, os
system = ctypes.CDLL(None).system
if system(b"true") == 0: raise LookupError("a program was started")
"""
HONEST = {
    "goes_round_python": forward(f"{ROUND_PYTHON}{IN_TORCH}{LOOP}return hs"),
    "names_alone": forward(IN_TORCH + "hs = []" + NAMES_ALONE),
    "script": forward(IN_TORCH + "hs = []" + SCRIPT),
    "single_precision_at_home": forward(f"import torch\n{IN_LISTS}{LOOP}return torch.stack(hs)"),
    "asks_the_system": forward(f"{MEASURES}{IN_TORCH}{LOOP}return hs"),
    "keras_layers": forward(SIZES + DENSE),
}


@pytest.fixture(scope="module")
def runs(answers: Answer):  # type: ignore[no-untyped-def]
    sources = HONEST | {f"layers {name}": forward(IN_TORCH + SIZES + body) for name, body in LAYERS.items()}
    for name, (before, body) in IMPORTED.items():
        sources[f"imported {name}"] = forward(IN_TORCH + SIZES + body, before)
    for name, body in AUTOMATIC.items():
        sources[f"gradients {name}"] = GOOD + GRADIENTS + textwrap.indent(body, "    ")
    sources |= {f"keras {name}": forward(SIZES + body) for name, body in KERAS.items()}
    return answers("l1", {name: {"labs/l1.py": text} for name, text in sources.items()}, refused=ALL)


def test_what_does_the_exercise_is_refused(runs) -> None:  # type: ignore[no-untyped-def]
    for name in runs.keys() - HONEST.keys():
        found = errors("l1", runs[name])
        assert len(found) == 1, (name, texts(found))
        assert "which is not allowed in this lab" in found[0].message, (name, found)
        assert found[0].where.startswith("labs/l1.py:")


def test_names_alone_are_not_refused(runs) -> None:  # type: ignore[no-untyped-def]
    assert {name: texts(errors("l1", runs[name])) for name in HONEST} == dict.fromkeys(HONEST, "")
