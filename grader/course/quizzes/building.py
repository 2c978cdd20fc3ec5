"""Everything that is made from a quiz's source, as files: for students, and for the instructor."""

from collections.abc import Mapping
from pathlib import Path

from grader.course.quizzes import kahoot_sheet, notebook, paper
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.reading.quizzes import Quiz


def files(quiz: Quiz, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Content by path: `release/` may be published, `source/` and `private/` hold the key.

    `source/` and `release/` are laid out as a course folder of nbgrader.
    """
    made = {
        f"release/{quiz.id}/{quiz.id}.ipynb": notebook.release(quiz, pictures).encode(),
        f"release/{quiz.id}.pdf": paper.questions(quiz, pictures),
        f"source/{quiz.id}/{quiz.id}.ipynb": notebook.source(quiz, pictures).encode(),
        f"private/{quiz.id}-key.pdf": paper.key(quiz),
    }
    if kahoot_sheet.questions(quiz):
        made[f"private/{quiz.id}.kahoot.xlsx"] = kahoot_sheet.sheet(quiz)
    return made


def write(made: Mapping[str, bytes], out: Path) -> None:
    """Raises GraderError: a file cannot be written."""
    for path, content in made.items():
        try:
            whole_file.write(out / path, content)
        except OSError as trouble:
            raise GraderError(f"{out / path} cannot be written: {trouble.strerror}") from None
