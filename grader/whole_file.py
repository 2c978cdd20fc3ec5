"""Writes a file whole or not at all: who reads it meanwhile sees the old one or the new one."""

import os
import tempfile
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Makes the folders above too. The file is readable for the sandbox, which is another account."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as beside:
        beside.write(content)
    os.chmod(beside.name, 0o644)
    os.replace(beside.name, path)
