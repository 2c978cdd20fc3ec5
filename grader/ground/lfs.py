"""Git LFS: what git holds of a file whose content is kept elsewhere."""

LONGEST = 1024  # bytes of a pointer
BEGINS = b"version https://git-lfs.github.com/spec/"


def is_pointer(content: bytes) -> bool:
    """Whether this is the pointer to a file instead of the file itself."""
    return content.startswith(BEGINS)
