"""Feedback on its way to students: as files, as mail drafts, as one comment in an issue or merge request.

A message carries a mark by which it is found again: the same message once more changes nothing, another one
takes the place of the first.
"""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from msgspec import Struct

from grader.course import audience
from grader.course.lines import Line
from grader.ground.visible import visible
from grader.render import markdown


class Message(Struct, frozen=True):
    """`mark` names student and assignment for the course's own eyes; `text` is Markdown and ends with it."""

    student: str
    url: str
    subject: str
    text: str
    mark: str


class Host(Protocol):
    """Where comments are written: an issue or a merge request of one repository."""

    def comments(self) -> Sequence[tuple[str, str]]:
        """The number and the text of each comment that is our own."""
        ...

    def create(self, text: str) -> None: ...

    def update(self, number: str, text: str) -> None: ...


def message(line: Line, key: bytes) -> Message | None:
    """What one student is told; None where there is no verdict."""
    if line.verdict is None:
        return None
    verdict = audience.for_student(line.verdict, line.member.student)
    mark = f"<!-- coursework-feedback:{audience.name(key, line.due.id, line.member.student)} -->"
    text = f"{markdown.text(verdict)}\n{mark}\n"
    return Message(line.member.student, line.member.url, verdict.title, text, mark)


def deliver(told: Message, host: Host, really: bool) -> str:
    """Writes, renews or leaves the comment, and says which it did, or would do."""
    found = next(((number, text) for number, text in host.comments() if told.mark in text), None)
    if found and found[1].strip() == told.text.strip():
        return "unchanged"
    if not really:
        return "would be renewed" if found else "would be written"
    if found:
        host.update(found[0], told.text)
        return "renewed"
    host.create(told.text)
    return "written"


def draft(told: Message, address: str, name: str = "") -> bytes:
    """A mail that a mail program opens to be looked at and sent. Raises ValueError: no address."""
    user, _, domain = address.rpartition("@")
    mail = EmailMessage(policy=SMTP)
    mail["To"] = Address(visible(name), user, domain)
    mail["Subject"] = visible(told.subject)
    mail["X-Unsent"] = "1"
    mail.set_content(told.text.replace(told.mark, "").rstrip() + "\n", cte="quoted-printable")
    return mail.as_bytes()
