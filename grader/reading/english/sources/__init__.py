"""Where English may stand: prose, pages, code, notebooks; and what of a submission is looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct


class Sources(Struct, frozen=True, kw_only=True):
    """What is looked at. `read` is only called for files that are judged.

    `document_text` gives the pages of a PDF or DOCX; it runs where a hostile file can do no harm, and may
    raise SubmissionError or NotMeasured.
    """

    sizes: Mapping[str, int]
    read: Callable[[str], bytes]
    document_text: Callable[[str, bytes], Sequence[str]]
    commits: Iterable[tuple[str, str]] = ()  # SHA, message
    people: Iterable[str] = ()  # names of the commits' authors
