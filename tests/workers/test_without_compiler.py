"""torchvision and timm without PyTorch's compiler: whole, and whoever asks for the compiler still gets it."""

import subprocess
import sys

PROGRAM = """
import sys
import torch
from grader.workers.parts import networks, without_compiler
network = networks.build("timm", "test_resnet", 2)
assert network(torch.rand(2, 3, 64, 64)).shape == (2, 2)
assert networks.head("torchvision", "mobilenet_v3_small", 2) == {"classifier.3.weight", "classifier.3.bias"}
assert len(without_compiler.load("timm").list_models()) > 1000
assert not {"torch._dynamo", "torch._dynamo.utils"} & set(sys.modules), "nothing stands in its place"
"""


def test_without_the_compiler_nothing_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
