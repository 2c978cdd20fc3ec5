"""Opens a ZIP archive of a submission without unpacking anything that it could inflate."""

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.workers.parts.refusal import Refused

LARGEST = 600 << 20  # bytes of the whole file
ENTRIES = 20_000
END = b"PK\x05\x06"  # the end record: 22 bytes and a comment of up to 65,535
END_SIZE, COMMENT = 22, 65_535


def stored(path: str, writer: str = "torch.save") -> dict[str, bytes]:
    """The content of each entry. All lie in the file as they are, so together they are no larger than it.

    `writer`: what writes such archives.

    Raises:
        Refused: no whole archive, compressed, encrypted or repeated entries, more than the file holds.
    """
    content = _whole(path, writer)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _require_plain(entries, len(content), writer)
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"is not a whole ZIP archive, as {writer} writes it") from None


def written(entries: Mapping[str, bytes]) -> io.BytesIO:
    """A new archive with these entries: what another reader finds in it is what we have looked at."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def _whole(path: str, writer: str) -> bytes:
    """The bytes of the file, once its last record says that its list of entries can be read."""
    size = Path(path).stat().st_size
    if size > LARGEST:
        raise Refused(f"has {size:,} bytes, more than the {LARGEST:,} that are read")
    content = Path(path).read_bytes()
    at = content.rfind(END, max(0, size - END_SIZE - COMMENT))
    if at < 0 or size - at < END_SIZE:
        raise Refused(f"is not a whole ZIP archive, as {writer} writes it")
    count, listed = struct.unpack_from("<HI", content, at + 10)
    if count > ENTRIES or listed > size:
        raise Refused(f"has more than {ENTRIES:,} entries, or a list of them that is larger than the file")
    return content


def _require_plain(entries: list[zipfile.ZipInfo], size: int, writer: str) -> None:
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise Refused(f"holds compressed entries, which {writer} never writes")
        if entry.flag_bits & 1:
            raise Refused(f"holds encrypted entries, which {writer} never writes")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refused("holds two entries of the same name")
    if sum(entry.file_size for entry in entries) > size:
        raise Refused("holds entries that are together larger than the file: they overlap")
