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
        ("schema = ", "x.toml: not TOML: Invalid value (at end of document)"),
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
