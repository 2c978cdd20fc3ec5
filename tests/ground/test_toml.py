"""Mistakes in TOML files are told by file, key and nearest known key."""

import pytest
from msgspec import Struct

from grader.ground import toml


class Inner(Struct, frozen=True):
    backbone: str
    epochs: int = 3


class Outer(Struct, frozen=True):
    schema: int
    model: Inner | None = None


def test_a_right_file_becomes_a_record() -> None:
    assert toml.load('schema = 1\n[model]\nbackbone = "vgg16"', Outer, "x.toml") == Outer(
        1, Inner("vgg16", 3)
    )


def test_a_byte_order_mark_is_skipped() -> None:
    assert toml.load(b"\xef\xbb\xbfschema = 2", Outer, "x.toml") == Outer(2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("schem = 1", "x.toml: schem is not a known key; did you mean schema?"),
        (
            'schema = 1\n[model]\nbackbon = "a"',
            "x.toml: model.backbon is not a known key; did you mean backbone?",
        ),
        ("schema = 1\nzzz = 2", "x.toml: zzz is not a known key; known are model, schema"),
        ("", "x.toml: missing the key schema"),
        ("schema = 1\n[model]", "x.toml: model: missing the key backbone"),
        ('schema = "one"', "x.toml: schema: expected int, got str"),
        (
            'schema = 1\n[model]\nbackbone = "a"\nepochs = 1.5',
            "x.toml: model.epochs: expected int, got float",
        ),
        ("schema = ", "x.toml: not TOML: cannot read the value (at end of document)"),
        (
            "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> origin/main\n",
            "x.toml: a merge conflict that is not resolved begins on line 2",
        ),
        (b"schema = 1 # \xff", "x.toml: byte 13 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(text: str | bytes, sentence: str) -> None:
    with pytest.raises(toml.Misfit) as misfit:
        toml.load(text, Outer, "x.toml")
    assert str(misfit.value) == sentence


def test_deep_nesting_is_a_mistake_and_not_a_crash() -> None:
    with pytest.raises(toml.Misfit, match="^x.toml: not TOML"):
        toml.load("schema = " + "[" * 100_000, Outer, "x.toml")


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_dots_count_outside_of_quotes_only(quote: str) -> None:
    text = f"schema = 1 # {'.' * 200}\n[model]\nbackbone = {quote}{'.' * 200}{quote}"
    assert toml.load(text, Outer, "x.toml").model == Inner("." * 200)
    with pytest.raises(toml.Misfit, match="^x.toml: a line has 200 dots outside of quotes"):
        toml.load(f"{text}\n{'a.' * 200}b = 1", Outer, "x.toml")


@pytest.mark.parametrize("start", ['"', "'", '"""', "'''", '"\\', '"""\\'])
def test_a_quote_without_an_end_is_a_mistake_that_is_found_at_once(start: str) -> None:
    """Each of many unclosed quotes would be looked for until the end of the file."""
    with pytest.raises(toml.Misfit, match="^x.toml: "):
        toml.load("." * 101 + start * 100_000, Outer, "x.toml")


def test_a_file_without_end_is_not_parsed() -> None:
    with pytest.raises(toml.Misfit, match="^x.toml: 1,000,001 characters, at most 1,000,000 are read"):
        toml.load("#" * 1_000_001, Outer, "x.toml")


@pytest.mark.parametrize("value", ["9223372036854775808", "[[1], [-9223372036854775809]]"])
def test_an_integer_has_64_bits(value: str) -> None:
    assert toml.load("schema = 9223372036854775807", Outer, "x.toml").schema == 2**63 - 1
    with pytest.raises(toml.Misfit, match="^x.toml: a.b: a larger number than TOML's integers"):
        toml.load(f"a.b = {value}", Outer, "x.toml")


def test_utf_16_with_its_mark_is_read() -> None:
    assert toml.load("schema = 2".encode("utf-16"), Outer, "x.toml") == Outer(2)
