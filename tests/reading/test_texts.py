"""Decoding: byte order marks, UTF-16 without one, code pages, the coding lines of Python, what is no text."""

import pytest

from grader.ground import encoded
from grader.reading import texts
from grader.reading.texts import Text

HUNGARIAN = "tanítás vége, őszi szünet\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_mark_names_the_encoding(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = texts.decode((mark + HUNGARIAN).encode(encoding))
    assert text is not None
    assert (text.content, text.warning) == (HUNGARIAN, "")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str) -> None:
    text = texts.decode("some text\n".encode(encoding))
    assert text == Text("some text\n", encoding, "UTF-16 without a byte order mark")


@pytest.mark.parametrize("content", [HUNGARIAN, "Größe und Übung\n", "„idézet” – łódź\n"])
def test_the_central_european_code_page(content: str) -> None:
    """The letters that it shares with the western one stand at the same places."""
    text = texts.decode(content.encode("cp1250"))
    first = next(number for number, letter in enumerate(content) if letter > "\x7f")
    assert text == Text(content, "cp1250", f"byte {first} is not UTF-8: read as cp1250")


def test_chinese_of_two_bytes_a_letter() -> None:
    content = "训练和验证的数据在每个子文件夹，不是图片的文件不会读取，这里是默认的学习率\n"
    text = texts.decode(content.encode("gb18030"))
    assert text is not None and (text.content, text.encoding) == (content, "gb18030")


@pytest.mark.parametrize("content", [HUNGARIAN * 20, "обучение сети\n" * 20])
def test_letters_of_one_byte_are_no_chinese(content: str) -> None:
    text = texts.decode(content.encode("cp1251" if content[0] > "\u0400" else "cp1250"))
    assert text is not None and text.encoding != "gb18030"


def test_one_letter_of_a_code_page_in_a_long_english_text_is_that_letter() -> None:
    content = "an English sentence of some length\n" * 200 + "André\n"
    text = texts.decode(content.encode("cp1252"))
    assert text is not None and text.content == content


def test_what_was_cut_within_a_letter_stays_utf_8() -> None:
    text = texts.decode(("é" * 2000).encode()[:-1])
    assert text is not None
    assert (text.content, text.encoding) == ("é" * 1999 + "\ufffd", "utf-8")
    assert text.warning == "byte 3998 is not UTF-8: read with a mark in its place"


def test_utf_8_with_one_damaged_byte_stays_utf_8() -> None:
    text = texts.decode("őszi".encode() + b"\xff" + "tél ősz".encode())
    assert text is not None and text.content == "őszi\ufffdtél ősz"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(128, 160)) + bytes(range(1, 8))]
)
def test_data_is_no_text(content: bytes) -> None:
    assert texts.decode(content) is None


def test_backspaces_and_colours_of_a_terminal_are_text() -> None:
    assert texts.decode(b"\x1b[1m1/9\x08\x08\x08" + "vége".encode("cp1250")) is not None


@pytest.mark.parametrize(
    "line",
    ["# -*- coding: cp1250 -*-", "#!/usr/bin/python\n# vim: set fileencoding=cp1250 :", "\n# coding=CP1250"],
)
def test_a_coding_line_names_the_encoding_of_a_program(line: str) -> None:
    """`µ` is another letter in each code page: PEP 263 decides, not a guess."""
    program = f"{line}\nname = 'őszi'\n"
    text = texts.python(program.encode("cp1250"))
    assert text is not None and (text.content, text.encoding, text.warning) == (program, "cp1250", "")


def test_a_coding_line_below_code_or_within_a_text_with_a_mark_says_nothing() -> None:
    late = "x = 1\n# coding: cp1250\n# ő\n"
    assert texts.python(late.encode()) == Text(late)
    marked = "# coding: latin-1\n# ő\n"
    assert texts.python(marked.encode("utf-8-sig")) == Text(marked)


@pytest.mark.parametrize(
    "name", ["zlib", "rot13", "hex", "punycode", "idna", "unicode_escape", "nonesuch", "utf-7"]
)
def test_a_coding_line_cannot_ask_for_anything_but_letters(name: str) -> None:
    with pytest.raises(ValueError, match=f'its coding line names "{name}"'):
        texts.python(f"# coding: {name}\nx = 1\n".encode())


def test_a_merge_conflict_is_named_by_its_first_line() -> None:
    text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> 1a2b3c4\n"
    assert encoded.conflict(text) == 2
    assert encoded.conflict(text.replace("=======", "======")) == 0
    assert encoded.conflict("x << y\n<<<<<<< HEAD\n") == 0
    assert encoded.conflict("<<<<<<< a\n" * 200_000) == 0  # looked for once
