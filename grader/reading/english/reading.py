"""From a file to the units that are judged, each with its place."""

from collections.abc import Iterator, Sequence

from grader.reading import notebooks
from grader.reading.english.selection import Reader
from grader.reading.english.sources import code, notebook, pages, prose
from grader.reading.english.unit import Unit


def units(path: str, text: str, reader: Reader) -> Iterator[Unit]:
    """The units of a text file."""
    found = code.read(text, code.language_of(path)) if reader == "code" else prose.pieces(text)
    for line, kind, piece in found:
        yield Unit(piece, kind, f"{path}:{line}")


def of_notebook(path: str, content: bytes) -> Iterator[Unit]:
    """Raises ValueError: the file is no notebook."""
    book = notebooks.parse(content)
    if book.left_out:
        raise ValueError(f"{book.left_out} cells more than are read")
    for part in notebook.parts(book):
        found = (
            prose.pieces(part.text) if part.language == "markdown" else code.read(part.text, part.language)
        )
        for _, kind, piece in found:
            yield Unit(piece, kind, f"{path}#c{part.cell}")


def of_document(path: str, page_texts: Sequence[str]) -> Iterator[Unit]:
    for page, sentence in pages.sentences(page_texts):
        yield Unit(sentence, "pdf", f"{path}:p{page}")


TRAILERS = ("signed-off-by:", "co-authored-by:", "reviewed-by:", "git-svn-id:", "change-id:")


def of_commit(sha: str, message: str) -> Iterator[Unit]:
    for line in message.splitlines()[:50]:
        text = line.split("://")[0] if line.startswith("Merge ") else line
        if text.strip() and not text.lower().startswith(TRAILERS):
            yield Unit(text.strip(), "commit", f"commit {sha[:7]}")


def of_path(path: str) -> Iterator[Unit]:
    """The file's own name without its suffix, judged like an identifier."""
    yield Unit(path.rsplit("/", 1)[-1].split(".")[0], "path", path)
