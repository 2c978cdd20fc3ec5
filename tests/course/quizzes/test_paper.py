"""The quiz on paper: text that can be read aloud, with what tells what it is."""

import re

import pypdfium2

from grader.course.quizzes import paper
from tests import quiz_example as example

PICTURES = {"cell.png": example.PICTURE}


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_questions_and_answer_sheet_are_on_paper_and_the_key_is_not() -> None:
    told = text_of(paper.questions(example.quiz(), PICTURES))
    for question in example.quiz().questions:
        assert question.spoken.replace(" ", "") in re.sub(r"\s", "", told)
    assert "Answer sheet: Gates and gradients" in told and "NEPTUN code" in told
    assert "128" not in told and "Hochreiter" not in told


def test_the_key_names_letters_and_reasons() -> None:
    quiz = example.quiz()
    told = text_of(paper.key(quiz))
    letter = "ABC"[quiz.shown_choices(quiz.questions[0]).index("fgt")]
    assert f"{letter}: fgt (the forget gate)" in told
    assert "128 (parameters)" in told and "Gers et al. 2000" in told


def test_pages_say_what_their_parts_are() -> None:
    """Headings, paragraphs, and a figure with words for it, in English (ISO 32000-1, 14.8)."""
    content = paper.questions(example.quiz(), PICTURES)
    assert b"/MarkInfo" in content and b"/Lang (en)" in content
    roles = re.findall(rb"/S /(\w+)", content)
    assert roles.count(b"Document") == 1  # the only child of the tree's root, as readers expect it
    assert roles.count(b"H2") == 7 and roles.count(b"H1") == 2 and roles.count(b"Figure") == 1
    assert b"One cell of an LSTM" in content
    assert content == paper.questions(example.quiz(), PICTURES)
