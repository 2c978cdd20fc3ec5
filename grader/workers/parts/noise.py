"""What a network computes, told by its answers to fixed noise: to compare students without their networks.

Channels in another order, a layer scaled up and the next one down, one constant on all biases: they change
every tensor and no answer. Noise is far from what anybody trained on, so two networks that learnt the same
images from different starts answer it differently.
"""

import torch
from torch import Tensor, nn

COUNT = 16  # images


def answers(network: nn.Module, size: tuple[int, int], on: torch.device) -> tuple[float, ...]:
    """The logits for COUNT images of noise [3, height, width], the mean of each image and of each class taken
    off, as one vector of unit length; () where they are all the same, or no numbers.
    """
    logits = _logits(network, size, on)
    logits = (logits - logits.mean(dim=0, keepdim=True)).flatten()
    length = logits.norm()
    if not torch.isfinite(length) or not length:
        return ()
    return tuple(round(value, 6) for value in (logits / length).tolist())


def _logits(network: nn.Module, size: tuple[int, int], on: torch.device) -> Tensor:
    """float64 [COUNT, classes], the mean of each image taken off: a constant on all of them says nothing."""
    noise = torch.randn(COUNT, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = [network(image.to(on, memory_format=torch.channels_last)) for image in noise.split(1)]
    logits: Tensor = torch.cat(found).double().cpu()
    return logits - logits.mean(dim=1, keepdim=True)
