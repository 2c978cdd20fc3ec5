"""What is asked of the workers that open documents, and what they answer."""

from msgspec import Struct


class ReadDocument(Struct, frozen=True):
    """The text of a PDF file's first pages; with `drawn` only what a reader of the pages sees of it."""

    path: str
    pages: int = 100
    characters: int = 200_000  # of all pages together
    drawn: bool = False


class Document(Struct, frozen=True, tag="document"):
    """`pages` counts all, `texts` holds those that were read. `refused`: why it does not open.

    `unseen` counts the letters and digits that are in the file and are not drawn on a page.
    """

    pages: int = 0
    title: str = ""
    texts: tuple[str, ...] = ()
    unseen: int = 0
    refused: str = ""
