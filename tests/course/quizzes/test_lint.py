"""Mistakes in a quiz's source: each is told with its line, its question, and what to do."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.quizzes import linting
from grader.ground import toml
from grader.reading.quizzes import source
from tests import quiz_example as example
from tests.quiz_example import QUIZ

FORGET = '[[questions]]\nid = "forget-gate"\n'


def swap(before: str, after: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert text.count(before) >= 1, before
        return text.replace(before, after, 1)

    return changed


def line_of(before: str) -> int:
    return QUIZ[: QUIZ.index(before)].count("\n") + 1


LONG = f"Which of the gates is it that scales the cell{' of the step before' * 4}?"
# What is changed in a quiz without mistakes, the place that is named (a part of the line), and what is said.
MISTAKES = [
    ("schema = 1", "schema = 2", "", "schema is 2, this grader reads 1"),
    ('id = "trial"\n', "", "schema = 1", "missing the key id"),
    ('id = "trial"', 'id = "My Quiz"', "", "id is 'My Quiz'; use small letters"),
    ('title = "Gates and gradients"', 'title = " "', "", "title is empty"),
    ("time = 30", "time = 25", "", "time is 25; Kahoot offers 5, 10, 20"),
    ("time = 30", "tyme = 30", "", "tyme is not a known key; did you mean time?"),
    ("time = 30", 'time = "30"', "", "time: expected int, got str"),
    ("time = 30", "time = [", "", "not TOML"),
    ('kind = "single"\n', "", FORGET, "has no kind, expected one of single, multiple"),
    ('kind = "single"', 'kind = "choice"', "", "kind is 'choice', expected one of single"),
    ('id = "forget-gate"', 'id = "Forget Gate"', "", "id is 'Forget Gate'"),
    ('id = "forget-gate"', 'id = "lambda"', "", "a word of Python itself"),
    ('id = "forget-gate"', 'id = "max"', "", "a word of Python itself"),
    ('id = "gates"', 'id = "forget-gate"', "", "the id forget-gate was used before"),
    ("Which gate scales $c_{t-1}$?", " ", "", "text is empty"),
    ('plain = "Which gate scales c(t-1)?"\n', "", FORGET, "there is no plain"),
    ("Which gate scales c(t-1)?", "Which gate scales $c$?", "", "plain has formulas or code"),
    ("Which gate scales c(t-1)?", LONG, "", f"{len(LONG)} characters, Kahoot takes 120"),
    ("Which gate scales c(t-1)?", "Which gate scales \u03b3?", "", "has \u03b3, which print does not have"),
    ("Which gate scales c(t-1)?", "Which gate\u200b scales c?", "", "a character that nobody sees"),
    ("Which gate scales c(t-1)?", "END SOLUTION: which gate?", "", "which nbgrader acts upon"),
    ('correct = "fgt"', 'corect = "fgt"', "", "corect is not a known key; did you mean correct?"),
    ('correct = "fgt"', 'value = 3\ncorrect = "fgt"', "value = 3", "value is not a known key"),
    ('correct = "fgt"\n', "", FORGET, "missing the key correct"),
    ('correct = "fgt"', 'correct = "fog"', "", "correct names 'fog', which is no choice; did you mean fgt?"),
    ('correct = "fgt"', 'correct = ["fgt"]', "", "correct: expected str, got array"),
    ('correct = ["tanh", "sig"]', "correct = []", "", "correct is empty"),
    ('correct = ["tanh", "sig"]', 'correct = ["sig", "sig"]', "", "correct names a choice twice"),
    ('correct = ["tanh", "sig"]', 'correct = ["tanh", "selu"]', "", "'selu', which is no choice"),
    ('partial = "all"', 'partial = "half"', "", "partial: "),
    ('{ tanh = "tanh", relu = "ReLU", sig = "sigmoid" }', '{ tanh = "tanh" }', "", "1 choices, expected 2"),
    ('cand = "candidate"', 'cand = "candidate"\nmore = "reset"', "[questions.choices]", "5 choices, Kahoot"),
    ('cand = "candidate"', 'Cand = "candidate"', "[questions.choices]", "'Cand' is no plain word"),
    ('cand = "candidate"', 'wrong = "candidate"', "[questions.choices]", "wrong tells by its name what"),
    ('cand = "candidate"', 'cand = " "', "[questions.choices]", "the choice cand has no text"),
    ('cand = "candidate"', 'cand = "Input "', "[questions.choices]", "the choices inp and cand say the same"),
    ('cand = "candidate"', 'cand = "none of the above"', "[questions.choices]", "cand speaks of others"),
    ('cand = "candidate"', 'cand = "candidate (wrong)"', "[questions.choices]", "is marked in its text"),
    ('cand = "candidate"', 'cand = "$g_t$"', "[questions.choices]", "cand has formulas or code"),
    ('cand = "candidate"', f'cand = "{"x" * 76}"', "[questions.choices]", "76 characters, Kahoot takes 75"),
    ('partial = "all"', 'plain_choices = { tan = "a" }', "plain_choices", "names 'tan', which is no choice"),
    (
        'partial = "all"',
        'plain_choices = { tanh = "a", relu = "A" }',
        "plain_choices",
        "two choices are the same in plain_choices",
    ),
    ("points = 2", "points = 0", "", "points is 0, expected more than 0"),
    ("points = 2", "points = 2\ntime = 45", "time = 45", "time is 45; Kahoot offers"),
    ('"The candidate is no gate."', '""', "", "has no explanation"),
    ("The candidate is no gate.", "LSTM", 'text = "Which of these', "the explanation stands in the text"),
    ("value = 128", "value = inf", "", "value is inf"),
    ("tolerance = 0.005", "tolerance = -1", "", "tolerance is -1"),
    ("tolerance = 0.005", "tolerance = 0", "", "tolerance is 0 and value is 0.121577"),
    ("tolerance = 0\n", "", '[[questions]]\nid = "count"', "missing the key tolerance"),
    ('unit = "parameters"', 'unit = ""', "", "unit is empty"),
    ('["vanishing", "vanishing gradients"]', "[]", "", "accepted is empty"),
    ('["vanishing", "vanishing gradients"]', '["vanishing", "!"]', "", "accepts '!', which is nothing"),
    ('["vanishing", "vanishing gradients"]', '["a-b", "A B"]', "", "'A B' is the same as 'a-b'"),
    ('["vanishing", "vanishing gradients"]', f'["{"x" * 101}"]', "", "a form of 101 characters"),
    ("gradients that shrink", "vanishing gradients, which shrink", "", "'vanishing' stands in the question"),
    ('guidance = "The gate', 'guidance = ""\n# guidance = "The gate', "guidance", "has no guidance"),
    ('picture = "cell.png"', 'picture = "other.png"', "", "other.png is not there"),
    ('picture = "cell.png"', 'picture = "../cell.png"', "", "name a .png or .jpg beside"),
    ('picture = "cell.png"', 'picture = "quiz.toml"', "", "name a .png or .jpg beside"),
    ('picture = "cell.png"', 'picture = "text.png"', "", "text.png is no PNG file"),
    ('picture_alt = "One cell of an LSTM"\n', "", "picture", "nothing says what the picture shows"),
    ('picture = "cell.png"\n', "", "picture_alt", "picture_alt describes no picture"),
    (
        "Which activations are bounded?",
        "Which of these are gates of an LSTM?",
        "",
        "asks the same as gates; leave one of them out",
    ),
    (
        "Which activations are bounded?",
        "Melyik aktiv\u00e1ci\u00f3s f\u00fcggv\u00e9ny korl\u00e1tos?",
        "",
        "text is not English",
    ),
]  # fmt: skip


def test_a_good_quiz_has_no_mistake(tmp_path: Path) -> None:
    assert linting.lint(example.write(tmp_path) / "quiz.toml") == []


@pytest.mark.parametrize(("before", "after", "place", "said"), MISTAKES, ids=[each[3] for each in MISTAKES])
def test_each_mistake_is_told_with_its_place(
    tmp_path: Path, before: str, after: str, place: str, said: str
) -> None:
    text = swap(before, after)(QUIZ)
    example.write(tmp_path, text)
    (tmp_path / "text.png").write_text("no picture")
    found = linting.lint(tmp_path / "quiz.toml")
    told = [each for each in found if said in str(each)]
    assert len(told) == 1, found
    changed = text[: text.index(place) if place else QUIZ.index(before)].count("\n") + 1
    wanted = 1 if said == "not TOML" else changed
    assert str(told[0]).startswith(f"quiz.toml:{wanted}: "), told
    assert told[0].hint or re.search(r"expected|did you mean|missing|not TOML", told[0].message), told


def test_all_mistakes_are_told_at_once_and_by_line(tmp_path: Path) -> None:
    text = swap("value = 128", "value = nan")(swap('correct = "fgt"', 'correct = "x"')(QUIZ))
    example.write(tmp_path, text)
    found = linting.lint(tmp_path / "quiz.toml")
    assert [(each.line, each.question) for each in found] == [
        (line_of('correct = "fgt"'), "forget-gate"),
        (line_of("value = 128"), "count"),
    ]


def test_a_quiz_with_a_mistake_is_not_graded() -> None:
    text = swap('correct = "fgt"', 'correct = "x"')(QUIZ)
    with pytest.raises(toml.Misfit, match=r"quiz.toml:12: forget-gate: correct names 'x'"):
        source.parse(text.encode(), "quiz.toml")


def test_kahoot_may_be_left_out(tmp_path: Path) -> None:
    """What only Kahoot forbids is allowed where a question does not go there."""
    text = swap('cand = "candidate"', 'cand = "candidate"\nmore = "reset"')(QUIZ)
    text = swap('id = "gates"', 'id = "gates"\nkahoot = false')(text)
    assert linting.lint(example.write(tmp_path, text) / "quiz.toml") == []


def test_lines_are_found_behind_strings_of_several_lines(tmp_path: Path) -> None:
    text = swap(
        'text = "Which activations are bounded?"', 'text = """\nWhich activations\nvalue = 3\nare bounded?"""'
    )(QUIZ)
    text = swap("value = 128", "value = nan")(text)
    (found,) = linting.lint(example.write(tmp_path, text) / "quiz.toml")
    assert found.line == line_of("value = 128") + 3
