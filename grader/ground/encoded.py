"""Text as files hold it: UTF-8, with or without a byte order mark, or UTF-16 with one."""

import codecs


def text(content: bytes) -> str:
    """Raises UnicodeDecodeError."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf16 else "utf-8-sig")
