"""A worker imports one module of timm's networks; the networks are those of the whole package."""

import json
import subprocess
import sys

import pytest

NETWORKS = """\
import hashlib, json, sys
import torch
if sys.argv[1] == "whole":
    import timm
from grader.workers.parts import networks

found = {}
for name in sys.argv[2:]:
    torch.manual_seed(0)
    network = networks.build("timm", name, 3)
    tensors = network.state_dict()
    sums = {each: hashlib.sha256(tensor.numpy().tobytes()).hexdigest() for each, tensor in tensors.items()}
    found[name] = [str(network), str(network.pretrained_cfg), sums]
families = [name for name in sys.modules if name.startswith("timm.models.") and name[12] != "_"]
print(json.dumps([len(families), found]))
"""

UNKNOWN = """\
import sys
from grader.workers.parts import networks

for name in ("no_such_network", "resnet18.a1_in1k", "Bottleneck", "*", "gluon_resnet18_v1b"):
    try:
        networks.build("timm", name, 3)
        raise SystemExit(name)
    except networks.Misfit:
        pass
import timm
one, whole = set(timm.list_models()), sys.modules["timm.models"]
del sys.modules["timm.models"], timm
for name in [each for each in sys.modules if each.split(".")[0] == "timm"]:
    sys.modules.pop(name)
import timm
assert timm.models is not whole and set(timm.list_models()) == one and len(one) > 500
"""


def built(how: str, *names: str) -> tuple[int, dict[str, list[object]]]:
    command = [sys.executable, "-c", NETWORKS, how, *names]
    number, found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return number, found


def test_networks_of_one_module_are_those_of_the_whole_package() -> None:
    names = ["test_resnet", "test_efficientnet", "test_vit", "test_convnext", "mobilenetv3_small_050"]
    names += ["resnet18", "hardcorenas_a", "botnet26t_256"]  # the last two build on another module
    families, found = built("one", *names)
    all_families, expected = built("whole", *names)
    assert found == expected
    assert families < 15 < 60 < all_families


@pytest.mark.parametrize("name", ["test_vit", "efficientnet_lite0"])
def test_one_network_is_built_without_the_others(name: str) -> None:
    assert built("one", name)[0] <= 3


def test_a_name_that_no_module_tells_is_looked_for_in_all() -> None:
    subprocess.run([sys.executable, "-c", UNKNOWN], check=True)
