"""Mistakes in a quiz's source: file, line, question, what is, and what to do."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.ground import toml
from grader.reading.quizzes import rules, wording
from grader.reading.quizzes.questions import KINDS, Question
from grader.reading.quizzes.rules import Complaint
from grader.reading.quizzes.written import NOWHERE, Written

ID = re.compile(r"[a-z][a-z0-9-]*")
MOST = 100  # questions: the rows of Kahoot's sheet


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands above the questions."""

    schema: int
    id: str
    title: str
    time: int = 30
    shuffle: str = ""
    intro: str = ""
    questions: list[Any] = []


class Mistake(Struct, frozen=True):
    """`question` is its id, "" for what belongs to none."""

    name: str
    line: int
    question: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        about = f"{self.question}: " if self.question else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.name}:{self.line}: {about}{self.message}{hint}"


def mistakes(written: Written, folder: Path | None = None) -> list[Mistake]:
    """All mistakes by line; without a `folder` nobody looks whether pictures are there."""
    found = [
        Mistake(written.name, written.line(NOWHERE, each.key), "", each.message, each.hint)
        for each in _head(written)
    ]
    known = questions(written)
    for number, question in enumerate(known, 1):
        complaints = rules.of(question, folder) if question else _shape(written.questions[number - 1])
        found += [_located(written, number, each) for each in complaints]
    found += [_located(written, number, each) for number, each in _repeated(known)]
    return sorted(found, key=lambda each: each.line)


def questions(written: Written) -> list[Question | None]:
    """The questions in their order; None for one that has not the shape of its kind."""
    return [None if list(_shape(table)) else _converted(table) for table in written.questions]


def _converted(table: dict[str, Any]) -> Question:
    fields = {key: value for key, value in table.items() if key != "kind"}
    return toml.convert(fields, KINDS[table["kind"]], "")


def _located(written: Written, number: int, complaint: Complaint) -> Mistake:
    table = written.questions[number - 1]
    given = table.get("id") if isinstance(table, dict) else None
    about = given if isinstance(given, str) and given else f"question {number}"
    return Mistake(
        written.name, written.line(number, complaint.key), about, complaint.message, complaint.hint
    )


def _shape(table: Any) -> Iterator[Complaint]:
    """What keeps a table from being a question of its kind: the first such thing."""
    if not isinstance(table, dict):
        yield Complaint("", f"is {table!r}, expected a table", "begin each question with [[questions]]")
        return
    kind = table.get("kind")
    if kind not in KINDS:
        said = "has no kind" if kind is None else f"kind is {kind!r}"
        yield Complaint(
            "kind", f"{said}, expected one of {', '.join(KINDS)}", "say what kind of question it is"
        )
        return
    try:
        _converted(table)
    except toml.Misfit as misfit:
        what = str(misfit).removeprefix(": ")
        key = re.match(r"([\w.-]+)(?:\[|:| is not)", what)
        yield Complaint(
            key[1] if key else "", what, f"a question of the kind {kind} is described in docs/quizzes.md"
        )


def _head(written: Written) -> Iterator[Complaint]:
    try:
        head = toml.convert(written.table, Head, "")
    except toml.Misfit as misfit:
        what = str(misfit).removeprefix(": ")
        yield Complaint(re.split(r"[: ]", what)[0], what)
        return
    if head.schema != 1:
        yield Complaint("schema", f"schema is {head.schema}, this grader reads 1", "write schema = 1")
    if not ID.fullmatch(head.id):
        yield Complaint("id", f"id is {head.id!r}", "use small letters, digits and hyphens: rnn-01")
    if not head.title.strip():
        yield Complaint("title", "title is empty", "say what the quiz is about")
    if head.time not in rules.TIMES:
        yield Complaint("time", *rules.about_time(head.time))
    if not head.questions:
        yield Complaint("", "there are no questions", "add a table [[questions]] for each")
    if len(head.questions) > MOST:
        yield Complaint(
            "", f"{len(head.questions)} questions, a Kahoot sheet has {MOST} rows", "make two quizzes"
        )
    yield from rules.released("intro", head.intro)


def _repeated(known: list[Question | None]) -> Iterator[tuple[int, Complaint]]:
    """Questions that share a name, or ask the same."""
    names: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for number, question in enumerate(known, 1):
        if not question:
            continue
        names[question.variable] += 1
        if names[question.variable] > 1:
            yield (
                number,
                Complaint("id", f"the id {question.id} was used before", "give each question its own"),
            )
        text = wording.same(f"{question.text} {question.code} {question.picture}")
        if text in texts:
            yield number, Complaint("text", f"asks the same as {texts[text]}", "leave one of them out")
        texts.setdefault(text, question.id)
