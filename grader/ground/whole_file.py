"""Writes a file whole or not at all: who reads it meanwhile sees the old one or the new one."""

import os
import tempfile
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Makes the folders above too. The file is readable for the sandbox, which is another account.

    What is no file, such as /dev/null or a pipe, is written to and stays what it is.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:  # a full disk, or somebody's Ctrl-C
        os.unlink(beside)
        raise
