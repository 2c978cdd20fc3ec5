"""What a class learnt, counted by hand, and the page of it in a real browser."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.checks.quiz import Loaded
from grader.course.quizzes import statistics, statistics_page
from grader.course.quizzes.saved import Graded
from grader.reading import quizzes
from grader.reading.quizzes import Answers
from tests import quiz_example as example
from tests.quiz_example import RIGHT

WRONG = {
    "forget_gate": '"out"', "gates": '["cand"]', "exactly": '["relu"]', "count": "1", "decay": "1",
    "name_it": '"lost"',
}  # fmt: skip


def graded(student: str, answers: Mapping[str, str], text: str = "") -> Graded:
    quiz = example.quiz()
    found = Answers("q.ipynb", quizzes.read(json.dumps(example.answered(answers, text)).encode(), quiz))
    return Graded(student, Loaded(quiz=quiz).results(found))


def classroom(**of_the_better: str) -> statistics.Class:
    """Six students who have all right but for `of_the_better`, and six who have all wrong."""
    better = [graded(f"A{n}", {**RIGHT, **of_the_better}) for n in range(6)]
    weaker = [graded(f"B{n}", WRONG) for n in range(6)]
    return statistics.of(example.quiz(), [*weaker, *better])


def learnt(found: statistics.Class, name: str) -> statistics.Learnt:
    return next(each for each in found.questions if each.question.id == name)


def test_half_the_class_knows_and_half_does_not() -> None:
    found = classroom()
    gate = learnt(found, "forget-gate")
    assert (gate.students, gate.difficulty) == (12, 0.5)
    assert gate.discrimination == pytest.approx(1)
    taken = {each.choice: (each.better, each.weaker, each.right) for each in gate.taken}
    assert taken == {"fgt": (6, 0, True), "out": (0, 6, False), "inp": (0, 0, False)}
    assert gate.looks == ("nobody took 'inp': another wrong choice would tell more",)
    assert sorted(found.shares) == pytest.approx([0] * 6 + [1] * 6)


def test_a_wrong_key_shows() -> None:
    """All of the better half take one wrong choice: their points fall where the weaker ones' do not."""
    gate = learnt(classroom(forget_gate='"inp"'), "forget-gate")
    assert gate.difficulty == 0 and gate.discrimination is None
    assert gate.looks[0].startswith(
        "more of the better half took 'inp' than the right choice: the key may be"
    )
    assert gate.looks[-1] == "few have it right"


def test_texts_count_for_nothing() -> None:
    """Whether they are written or left empty: what a person gave for them is not known here."""
    found = statistics.of(example.quiz(), [graded("A", RIGHT, "It is open."), graded("B", WRONG)])
    assert learnt(found, "why-bias").students == 0
    assert "A person reads the answers" in statistics_page.text(found)
    assert found.shares == pytest.approx((1, 0))
    assert found.first == []  # two students say nothing


def test_the_page_names_what_to_look_at_and_nothing_acts_on_it() -> None:
    text = statistics_page.text(classroom(forget_gate='"inp"'))
    assert '<li><a href="#forget-gate">forget-gate</a>: more of the better half' in text
    assert text.count('<section id="') == 7 and "<script" not in text


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("Chromium is not installed")
    page = tmp_path / "page.html"
    page.write_text(statistics_page.text(classroom(forget_gate='"inp"')))
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile",
         "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.count("<circle") == 5  # the key that seems wrong, and the text, have no correlation
    assert "Refused to" not in done.stderr and "CONSOLE" not in done.stderr
