"""What the lanes need beside the sandbox, and which versions are here. Nothing heavy is imported."""

import importlib.metadata
import shutil
import subprocess
from pathlib import Path

from grader.sandbox import devices
from grader.sandbox.proof import Property

DRIVER = Path("/proc/driver/nvidia/gpus")


def found() -> list[Property]:
    return [
        _program("git", ["--version"], "static checks", "apt install git"),
        _program("openssl", ["version"], "signed receipts", "apt install openssl"),
        _package("torch", "evaluating checkpoints", "pip install 'smartlab-coursework[evaluate]'"),
        _package("onnxruntime", "ONNX checkpoints", "pip install 'smartlab-coursework[onnx]'"),
        _package("keras", "Keras checkpoints", "pip install 'smartlab-coursework[keras]'"),
        _package("pypdfium2", "reading reports", "pip install 'smartlab-coursework[documents]'"),
        _gpu(),
    ]


def _program(name: str, question: list[str], purpose: str, remedy: str) -> Property:
    path = shutil.which(name)
    if not path:
        return Property("missing", purpose, f"{name} is not installed", remedy)
    answer = subprocess.run([path, *question], capture_output=True, text=True, check=False).stdout
    return Property("ok", purpose, answer.strip())


def _package(name: str, purpose: str, remedy: str) -> Property:
    try:
        return Property("ok", purpose, f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Property("missing", purpose, f"{name} is not installed", remedy)


def _gpu() -> Property:
    if not devices.here():
        return Property("missing", "GPU", "no NVIDIA device for us", "nothing is lost but speed")
    lines = [line for file in sorted(DRIVER.glob("*/information")) for line in file.read_text().splitlines()]
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("Model")]
    return Property("ok", "GPU", ", ".join(models) or "NVIDIA device")
