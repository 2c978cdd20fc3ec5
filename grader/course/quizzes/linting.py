"""All mistakes of a quiz's source: those of its form, and lines that are not English."""

from collections.abc import Iterator
from pathlib import Path

from grader.ground import toml
from grader.reading import english
from grader.reading.quizzes import Mistake, Question, mistakes
from grader.reading.quizzes.lint import questions
from grader.reading.quizzes.written import Written

SPOKEN = ("text", "plain", "picture_alt", "explanation", "guidance")
DOUBT, CERTAIN = 0.5, 0.9  # from here on a sentence, a choice of few words, counts as another language


def lint(path: Path) -> list[Mistake]:
    """By line. Raises OSError: it cannot be read."""
    try:
        written = Written.of(path.read_bytes(), path.name)
    except toml.Misfit as misfit:
        return [Mistake(path.name, 1, "", str(misfit).removeprefix(f"{path.name}: "))]
    found = [*mistakes(written, path.parent), *_foreign(written)]
    return sorted(found, key=lambda each: each.line)


def _foreign(written: Written) -> Iterator[Mistake]:
    for number, question in enumerate(questions(written), 1):
        for key, text, doubt in _texts(question) if question else ():
            if english.score(text).foreign >= doubt:
                message, hint = f"{key} is not English: {text}", "write it in English"
                line = written.line(number, key)
                yield Mistake(written.name, line, question.id if question else "", message, hint)


def _texts(question: Question) -> Iterator[tuple[str, str, float]]:
    for key in SPOKEN:
        text = getattr(question, key, "")
        if text.strip():
            yield key, text, DOUBT
    for text in getattr(question, "choices", {}).values():
        yield "choices", text, CERTAIN
