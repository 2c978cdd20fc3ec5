"""What an assignment may change."""

from fnmatch import fnmatchcase

from msgspec import Struct


class Exemption(Struct, frozen=True):
    """Files that may be in another language. More than `max_units` foreign lines in them are a finding."""

    paths: tuple[str, ...]
    reason: str
    max_units: int = 200


class Allow(Struct, frozen=True):
    """`words` in any case and with or without accents, `phrases` likewise, `names` with a capital."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    exempt: tuple[Exemption, ...] = ()

    def exemption(self, path: str) -> Exemption | None:
        return next(
            (item for item in self.exempt if any(fnmatchcase(path, glob) for glob in item.paths)), None
        )


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The assignment's allow-list, and the limits beyond which a repository is no longer English."""

    allow: Allow = Allow()
    documents: tuple[str, ...] = ("readme*", "report*", "*.pdf", "*.docx")  # file names, in lower case
    strong_lines: int = 3  # sentences in one language,
    strong_share: float = 0.002  # and at least so large a part of all lines
    lines_share: float = 0.02  # of all lines, weak ones included, from `least_lines` lines on
    least_lines: int = 100
    names: int = 5  # different foreign words in names, in one language,
    names_share: float = 0.01  # and at least so large a part of all names
    document_share: float = 0.10  # of the sentences of a document
    requested_share: float = 0.05  # of all lines that the submission's own list may excuse


STANDARD = Settings()


def is_document(path: str, settings: Settings) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    return any(fnmatchcase(name, glob) for glob in settings.documents)
