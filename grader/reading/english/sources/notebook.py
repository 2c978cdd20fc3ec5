"""Jupyter notebooks, cell by cell. What the cells printed is not judged: the strings that printed it are."""

from collections.abc import Iterator

from msgspec import Struct

from grader.reading import notebooks


class Part(Struct, frozen=True):
    """The source of one cell; `language` is markdown, or the name of a programming language."""

    cell: int  # from 0, all cells counted
    language: str
    text: str


def parts(book: notebooks.Notebook) -> Iterator[Part]:
    for cell in book.cells:
        if cell.kind == "text":
            yield Part(cell.number, "markdown", cell.source)
        elif book.language.startswith("python"):
            code = notebooks.translate(cell.source)
            yield Part(cell.number, code.language, code.text)
        else:
            yield Part(cell.number, book.language, cell.source)
