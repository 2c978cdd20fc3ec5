"""A quiz on paper: the questions with boxes to tick, an answer sheet, and the key for who corrects it."""

import io
from collections.abc import Callable, Iterator, Mapping
from string import ascii_uppercase
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether, PageBreak, SimpleDocTemplate

from grader.course.quizzes.tagged import Picture, Program, Rule, TaggedCanvas, Text
from grader.reading.quizzes import Free, Multiple, Number, Question, Quiz, Short, Single, key_in_words

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # the frame keeps 6 points free on each side
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=10.5, leading=14.5, spaceAfter=4)
TITLE = ParagraphStyle("title", TEXT, fontName="Helvetica-Bold", fontSize=18, leading=23, spaceAfter=8)
HEADING = ParagraphStyle(
    "heading", TEXT, fontName="Helvetica-Bold", fontSize=11.5, spaceBefore=10, keepWithNext=True
)
CHOICE = ParagraphStyle("choice", TEXT, leftIndent=26, firstLineIndent=-18)
CODE = ParagraphStyle("code", TEXT, fontName="Courier", fontSize=9, leading=12, leftIndent=10)
LARGEST_PICTURE = 60 * mm
FREE_LINES = 6
NAME = "NEPTUN code: ______________________   Name: _______________________________________"


def questions(quiz: Quiz, pictures: Mapping[str, bytes]) -> bytes:
    """The questions and, on a page of its own, an answer sheet: the same whatever the key is."""
    story = [Text(escape(quiz.title), TITLE), Text(NAME, TEXT)]
    for number, question in enumerate(quiz.questions, 1):
        story.append(KeepTogether(list(_question(number, question, quiz, pictures))))
    story += [PageBreak(), Text(f"Answer sheet: {escape(quiz.title)}", TITLE), Text(NAME, TEXT)]
    story += [part for number, each in enumerate(quiz.questions, 1) for part in _line(number, each)]
    return _document(quiz.title, story)


def key(quiz: Quiz) -> bytes:
    """What is right and why. It stays with the instructor."""
    story = [Text(f"Key: {escape(quiz.title)}", TITLE)]
    for number, question in enumerate(quiz.questions, 1):
        story.append(Text(f"{number}. {escape(question.id)} ({_worth(question)})", HEADING))
        story.append(Text(escape(f"{_letters(question, quiz)}{key_in_words(question)}"), TEXT))
        told = " ".join(filter(None, [question.explanation, question.source]))
        story.append(Text(escape(_printable(told)), TEXT))
    return _document(f"Key: {quiz.title}", story)


def _question(
    number: int, question: Question, quiz: Quiz, pictures: Mapping[str, bytes]
) -> Iterator[Flowable]:
    yield Text(f"{number}. {escape(question.spoken)} ({_worth(question)})", HEADING)
    if question.code:
        yield Program(_printable(question.code.strip()), CODE)
    if question.picture:
        yield _picture(pictures[question.picture], question.picture_alt)
    match question:
        case Single() | Multiple():
            asked = "Tick one." if isinstance(question, Single) else "Tick all that are right."
            yield Text(asked, TEXT)
            for letter, choice in zip(ascii_uppercase, quiz.shown_choices(question), strict=False):
                yield Text(f"{letter}.&nbsp; {escape(question.spoken_choice(choice))}", CHOICE)
        case Number():
            yield Text(f"A number ({escape(question.unit)}).", TEXT)
        case Short():
            yield Text("A word or two.", TEXT)
        case Free():
            yield Text("A few sentences.", TEXT)


def _line(number: int, question: Question) -> Iterator[Flowable]:
    match question:
        case Single() | Multiple():
            letters = ascii_uppercase[: len(question.choices)]
            boxes = " &nbsp; ".join(f"[&nbsp;&nbsp;&nbsp;] {letter}" for letter in letters)
            yield Text(f"{number}. &nbsp; {boxes}", TEXT)
        case Free():
            yield Text(f"{number}.", TEXT)
            yield from (Rule(WIDTH) for _ in range(FREE_LINES))
        case _:
            yield Text(f"{number}. &nbsp; ________________________________", TEXT)


def _letters(question: Question, quiz: Quiz) -> str:
    if not isinstance(question, Single | Multiple):
        return ""
    right = (question.correct,) if isinstance(question, Single) else question.correct
    shown = zip(ascii_uppercase, quiz.shown_choices(question), strict=False)
    return ", ".join(letter for letter, choice in shown if choice in right) + ": "


def _picture(content: bytes, alt: str) -> Picture:
    width, height = ImageReader(io.BytesIO(content)).getSize()
    scale = min(WIDTH / width, LARGEST_PICTURE / height, 1)
    return Picture(io.BytesIO(content), width * scale, height * scale, alt)


def _worth(question: Question) -> str:
    return f"{question.points:g} point{'' if question.points == 1 else 's'}"


def _printable(text: str) -> str:
    """Letters that the fonts of every PDF reader have."""
    return text.encode("cp1252", "replace").decode("cp1252")


def _document(title: str, story: list[Any]) -> bytes:
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        title=title,
        author="",
        lang="en",
        invariant=1,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    document.build(story, onFirstPage=_foot(title), onLaterPages=_foot(title), canvasmaker=TaggedCanvas)
    return written.getvalue()


def _foot(title: str) -> Callable[[TaggedCanvas, Any], None]:
    def drawn(canvas: TaggedCanvas, document: Any) -> None:
        with canvas.decoration():
            canvas.setFont("Helvetica", 8)
            canvas.drawString(MARGIN, 10 * mm, title)
            canvas.drawRightString(A4[0] - MARGIN, 10 * mm, f"page {document.page}")

    return drawn
