"""A file is written whole or not at all, and nothing stays beside it."""

import os
from pathlib import Path

import pytest

from grader.ground import whole_file


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    whole_file.write(path, b"old")
    assert path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(TypeError):  # fails while it is written, as on a full disk
        whole_file.write(path, "no bytes")  # type: ignore[arg-type]
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):  # fails when it is renamed
        whole_file.write(tmp_path / "taken", b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["file"] and sorted(os.listdir(tmp_path)) == ["folder", "taken"]


def test_what_is_no_file_stays_what_it_is(tmp_path: Path) -> None:
    """As /dev/null is, which an administrator could replace by a file for everybody."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    whole_file.write(pipe, b"new")
    assert pipe.is_fifo() and os.read(reading, 10) == b"new"
    os.close(reading)
