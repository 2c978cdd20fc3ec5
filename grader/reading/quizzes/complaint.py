"""One thing wrong with a question, before its place is known."""

from msgspec import Struct


class Complaint(Struct, frozen=True):
    """`key` is where it stands; "" is the question as a whole."""

    key: str
    message: str
    hint: str = ""
