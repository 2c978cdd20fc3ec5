"""Workers build networks without torch's compiler; who asks for it afterwards has the real one."""

import subprocess
import sys

BUILDS = """\
import sys
import torch
from grader.workers.parts import networks

for library, backbone in (("torchvision", "resnet18"), ("timm", "test_efficientnet")):
    network = networks.build(library, backbone, 2)
    assert networks.head(library, backbone, 2) <= network.state_dict().keys()
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, 96, 96)).shape == (1, 2)
assert not {"torch._dynamo", "torch._dynamo.utils", "sympy"} & sys.modules.keys()

from torchvision.ops import roi_align

assert roi_align.__globals__["is_compile_supported"]("cpu") in (True, False)
import torch._dynamo.utils as real
assert real.__file__ and torch.compiler.disable.__module__ == "torch.compiler"
doubled = torch.compile(lambda x: 2 * x, backend="eager")
assert doubled(torch.ones(3)).tolist() == [2, 2, 2]
"""

ELSE = """\
import sys
import torch
from grader.workers.parts.quick_imports import without_compiler

with without_compiler():
    from torch._dynamo.utils import counters
import torch._dynamo.utils as real
assert real.counters is counters
"""


def test_networks_are_built_without_the_compiler_which_is_there_when_asked_for() -> None:
    subprocess.run([sys.executable, "-c", BUILDS], check=True)


def test_a_name_that_the_stand_in_does_not_have_is_the_real_one() -> None:
    subprocess.run([sys.executable, "-c", ELSE], check=True)
