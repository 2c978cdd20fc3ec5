"""Networks of the families that the homework names, most of them small: the libraries' own layers, but few.

What cutting a network and training its parts can get wrong is in how it is put together, not in its size.
"""

from dataclasses import dataclass

import timm
import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.resnet import Bottleneck


@dataclass(frozen=True)
class Family:
    """The side of the smallest images that it takes, and what phase two trains besides the head."""

    name: str
    side: int
    upper: tuple[str, ...]

    def network(self) -> nn.Module:
        """With random weights and BatchNorm statistics, and a head for two classes."""
        torch.manual_seed(0)
        network = _BUILT[self.name]()
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.running_mean.uniform_(-0.1, 0.1)
                layer.running_var.uniform_(1, 2)
                nn.init.uniform_(layer.weight, 0.5, 1)
                nn.init.uniform_(layer.bias, -0.1, 0.1)
        return network


def _resnet() -> nn.Module:
    """As ResNet-50, with one block in each stage, a quarter as wide."""
    return models.ResNet(Bottleneck, [1, 1, 1, 1], num_classes=2, width_per_group=16)


def _vgg() -> nn.Module:
    """As VGG11, with 8 of the 120 million parameters in fully connected layers: still too many to copy."""
    layers = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
    with torch.device("meta"):  # no memory for what gives way to smaller ones
        network = models.VGG(models.vgg.make_layers(layers), num_classes=2, init_weights=False)
    network.features = models.vgg.make_layers(layers)
    network.classifier[0], network.classifier[3] = nn.Linear(25088, 336), nn.Linear(336, 64)
    network.classifier[6] = nn.Linear(64, 2)
    return network


def _convnext() -> nn.Module:
    blocks = [CNBlockConfig(16, 32, 1), CNBlockConfig(32, 64, 1), CNBlockConfig(64, None, 2)]
    return models.ConvNeXt(blocks, num_classes=2)


def _vit() -> nn.Module:
    return models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=3, num_heads=2, hidden_dim=64, mlp_dim=128, num_classes=2
    )


_BUILT = {
    "resnet": _resnet,
    "vgg": _vgg,
    "googlenet": lambda: models.googlenet(weights=None, num_classes=2, init_weights=False, aux_logits=False),
    "inception_v3": lambda: models.inception_v3(
        weights=None, num_classes=2, init_weights=False, aux_logits=False
    ),
    "mobilenet": lambda: models.mobilenet_v3_small(weights=None, num_classes=2),
    "convnext": _convnext,
    "vit": _vit,
    "efficientnet of timm": lambda: timm.create_model("test_efficientnet", num_classes=2),
    "tf_efficientnet_lite0 of timm": lambda: timm.create_model("tf_efficientnet_lite0", num_classes=2),
    "convnext of timm": lambda: timm.create_model("test_convnext", num_classes=2),
    "vit of timm": lambda: timm.create_model("deit_tiny_patch16_224", num_classes=2, img_size=32, depth=2),
}
FAMILIES = [
    Family("resnet", 64, ("layer4",)),
    Family("vgg", 32, ("features.18",)),
    Family("googlenet", 64, ("inception5b",)),
    Family("inception_v3", 75, ("Mixed_7c",)),
    Family("mobilenet", 64, ("features.11", "features.12", "classifier.0")),
    Family("convnext", 32, ("features.5.1", "classifier.0")),
    Family("vit", 32, ("encoder.layers.encoder_layer_2", "encoder.ln")),
    Family("efficientnet of timm", 64, ("blocks.4", "conv_head", "bn2")),
    Family("tf_efficientnet_lite0 of timm", 64, ("blocks.6", "conv_head", "bn2")),
    Family("convnext of timm", 64, ("stages.3", "head.norm")),
    Family("vit of timm", 32, ("blocks.1", "norm")),
]
