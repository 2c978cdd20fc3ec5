"""What is told of what has to be handed in: plain data that is kept."""

from msgspec import Struct

WORDS = 30  # markup and addresses left out: below this a README only names the project


class Comments(Struct, frozen=True):
    """Words of explanation, lines of code, and how many of the functions have no word about them."""

    words: int = 0
    code_lines: int = 0
    functions: int = 0
    bare: int = 0
    unexplained: tuple[str, ...] = ()  # the first of the bare ones

    @property
    def words_per_line(self) -> float:
        return self.words / self.code_lines if self.code_lines else 0.0


class Prose(Struct, frozen=True):
    """A document. `words` is -1 where its text is not read here; `template` where it is a host's own."""

    path: str
    size: int
    words: int = -1
    template: bool = False

    @property
    def has_substance(self) -> bool:
        return self.size != 0 and not self.template and (self.words < 0 or self.words >= WORDS)


class Download(Struct, frozen=True):
    """`how` names the call or the command; `categories` and `limit` are what it asks for, if it says."""

    where: str
    how: str
    categories: tuple[str, ...] = ()
    limit: int = 0


class Downloads(Struct, frozen=True):
    """Ten at most. `unread` are programs that could hold others."""

    found: tuple[Download, ...]
    unread: tuple[str, ...] = ()
