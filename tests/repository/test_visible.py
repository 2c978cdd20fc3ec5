"""What a submission can put on a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.ground.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, árvíztűrő tükörfúrógép, 日本語, 🎉", "plain text, árvíztűrő tükörfúrógép, 日本語, 🎉"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\rc\td\0e", "a\\x0ab\\x0dc\\x09d\\x00e"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("in\u200bvisible\ufeff", "in\\u200bvisible\\ufeff"),
        ("line\u2028line", "line\\u2028line"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\udcff", "half\\udcff"),
        ("a\u034fb\u2800c\U0001d173", "a\\u034fb\\u2800c\\U0001d173"),
        ("\ufe0f\u2764\ufe0f \u3164", "\ufe0f\u2764\ufe0f \\u3164"),
        ("noncharacter \ufdd0\U0001fffe", "noncharacter \\ufdd0\\U0001fffe"),
        ("::error file=a.py,line=1::b", "\\x3a:error file=a.py,line=1::b"),
        ("std::vector, a[::2], ::1", "std::vector, a[::2], ::1"),
        (
            "##[group]a ##vso[task] ##teamcity[x] ## A",
            "\\x23#[group]a \\x23#vso[task] \\x23#teamcity[x] ## A",
        ),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_texts_are_cut() -> None:
    assert visible("x" * 50, 10) == "x" * 9 + "…"
    assert visible("x" * 10, 10) == "x" * 10


@given(st.text())
def test_nothing_shown_is_a_control_or_a_format_character(text: str) -> None:
    allowed = {
        "\u0600",
        "\u0601",
        "\u0602",
        "\u0603",
        "\u0604",
        "\u0605",
        "\u06dd",
        "\u070f",
        "\u0890",
        "\u0891",
        "\u08e2",
    }
    shown = visible(text)
    assert "\n" not in shown
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in shown)
    hidden = [each for each in shown if unicodedata.category(each) == "Cf" and ord(each) < 0x10000]
    assert set(hidden) <= allowed  # marks that Arabic and Syriac numbers carry; they are drawn
