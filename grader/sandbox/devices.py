"""NVIDIA devices: what a process needs to see of them. GPU memory has no limit: one submission a GPU."""

import os
from pathlib import Path

NODES = (
    "nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps", "dxg",
)  # fmt: skip
# Where containers and WSL put the driver's libraries, outside the loader's cache.
LIBRARIES = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib")


def nodes(folder: Path = Path("/dev")) -> list[str]:
    return [str(node) for pattern in NODES for node in sorted(folder.glob(pattern))]


def environment() -> dict[str, str]:
    """Those of a process that sees the devices: one GPU, which is the first of those that we were given."""
    given, _, _ = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")
    libraries = [path for path in LIBRARIES if Path(path).is_dir()]
    return {
        "CUDA_CACHE_PATH": "/tmp",
        "CUDA_VISIBLE_DEVICES": given,
        **({"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}),
    }
