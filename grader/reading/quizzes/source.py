"""quiz.toml as records."""

import hashlib
import hmac
from pathlib import Path

from msgspec import Struct

from grader.ground import toml
from grader.reading.quizzes import lint
from grader.reading.quizzes.questions import Choosing, Question
from grader.reading.quizzes.written import Written

NAME = "quiz.toml"


class Quiz(Struct, frozen=True, kw_only=True):
    """A quiz whose source has no mistake."""

    id: str
    title: str
    time: int = 30  # seconds a question in Kahoot, where the question says nothing else
    shuffle: str = ""  # deals the choices anew
    intro: str = ""  # Markdown above the questions
    questions: tuple[Question, ...]

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)

    def shown_choices(self, question: Choosing) -> list[str]:
        """The ids of the choices in the order that everybody sees.

        The order is that of a keyed hash of the ids. The order in which they were written, where the right
        one often comes first, has no influence on it, nor has the key.
        """
        if question.ordered:
            return list(question.choices)
        secret = f"{self.id}/{self.shuffle}".encode()

        def dealt(choice: str) -> bytes:
            return hmac.digest(secret, f"{question.id}/{choice}".encode(), hashlib.sha256)

        return sorted(question.choices, key=dealt)


def load(path: Path) -> Quiz:
    """The quiz in the file `path`.

    Raises:
        OSError: it cannot be read.
        toml.Misfit: it has mistakes; the first is told, with its line.
    """
    return parse(path.read_bytes(), path.name, path.parent)


def parse(content: bytes, name: str, folder: Path | None = None) -> Quiz:
    """As `load`; without a `folder` nobody looks whether pictures are there."""
    written = Written.of(content, name)
    found = lint.mistakes(written, folder)
    if found:
        more = f" (and {len(found) - 1} more: grader quiz lint tells all)" if len(found) > 1 else ""
        raise toml.Misfit(f"{found[0]}{more}")
    return Quiz(
        id=written.table["id"],
        title=written.table["title"],
        time=written.table.get("time", 30),
        shuffle=written.table.get("shuffle", ""),
        intro=written.table.get("intro", ""),
        questions=tuple(question for question in lint.questions(written) if question),
    )
