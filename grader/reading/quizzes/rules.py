"""What a question of the right shape may still have wrong with it."""

import builtins
import keyword
import math
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from grader.ground.visible import visible
from grader.reading.quizzes import wording
from grader.reading.quizzes.choice_rules import of_choices
from grader.reading.quizzes.complaint import Complaint
from grader.reading.quizzes.questions import Asked, Choosing, Free, Number, Question, Short

__all__ = ["TIMES", "Complaint", "about_time", "of", "released"]

TIMES = (5, 10, 20, 30, 60, 90, 120, 240)  # seconds that Kahoot's sheet offers
LONGEST_QUESTION = 120  # characters, in Kahoot's sheet
LONGEST_FORM = 100
PICTURES = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
PICTURE_LIMIT = 1_000_000  # bytes: it is put into the notebook
VARIABLE = re.compile(r"[a-z][a-z0-9-]{0,39}")
# nbgrader cuts or fills in what stands between such marks, wherever it finds them.
MARKS = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS", "BEGIN SOLUTION", "END SOLUTION", "BEGIN MARK SCHEME",
         "END MARK SCHEME", "AUTOTEST")  # fmt: skip


def of(question: Question, folder: Path | None) -> Iterator[Complaint]:
    yield from _name(question)
    yield from _text(question)
    yield from _numbers(question)
    yield from _picture(question, folder)
    if not question.explanation.strip():
        yield Complaint("explanation", "has no explanation", "say why, for after the deadline")
    match question:
        case Number():
            yield from _number(question)
        case Short():
            yield from _short(question)
        case Free():
            if not question.guidance.strip():
                yield Complaint(
                    "guidance", "has no guidance", "say what a full answer tells, for who reads it"
                )
        case Choosing():
            yield from of_choices(question)


def about_time(seconds: int) -> tuple[str, str]:
    return f"time is {seconds}", f"Kahoot offers {', '.join(map(str, TIMES))} seconds"


def released(key: str, text: str) -> Iterator[Complaint]:
    """What no text that students get may contain."""
    for mark in MARKS:
        if mark in text:
            yield Complaint(key, f"{key} contains {mark}, which nbgrader acts upon", "word it otherwise")
    for line in text.replace("\t", " ").splitlines():
        if visible(line) != line:
            yield Complaint(
                key, f"{key} has a character that nobody sees: {visible(line, 60)}", "type it again"
            )
            return


def _name(question: Question) -> Iterator[Complaint]:
    if not VARIABLE.fullmatch(question.id):
        yield Complaint(
            "id", f"id is {question.id!r}", "at most 40 small letters, digits and hyphens, a letter first"
        )
    elif keyword.iskeyword(question.variable) or hasattr(builtins, question.variable):
        hint = "students write it as a variable: take another word"
        yield Complaint("id", f"id is {question.id}, a word of Python itself", hint)


def _text(question: Question) -> Iterator[Complaint]:
    if not question.text.strip():
        yield Complaint("text", "text is empty", "ask something")
    for key in ("text", "plain", "code", "picture_alt"):
        yield from released(key, getattr(question, key))
    if not wording.is_plain(question.plain):
        yield Complaint("plain", "plain has formulas or code", "write c(t-1) for $c_{t-1}$")
    if not question.plain and not wording.is_plain(question.text):
        hint = "add plain, the same in words: Kahoot and print have no formulas"
        yield Complaint("plain", "text has formulas or code and there is no plain", hint)
    if odd := wording.unprintable(question.spoken):
        key = "plain" if question.plain else "text"
        yield Complaint(key, f"has {odd}, which print does not have", "say it in plain, in letters")
    if "```" in question.code:
        yield Complaint("code", "code contains ```, which would end it", "leave the fences out")
    if question.kahoot and isinstance(question, Choosing):
        yield from _kahoot(question)
    if question.explanation.strip() and wording.same(question.explanation) in wording.same(question.text):
        yield Complaint(
            "text", "the explanation stands in the text, which is released", "leave it out of text"
        )


def _kahoot(question: Asked) -> Iterator[Complaint]:
    length = len(question.spoken)
    if length > LONGEST_QUESTION:
        key = "plain" if question.plain else "text"
        hint = "shorten plain, or set kahoot = false"
        yield Complaint(key, f"{length} characters, Kahoot takes {LONGEST_QUESTION}", hint)
    for key in ("code", "picture"):
        if getattr(question, key) and not question.plain:
            hint = "say it in plain, or set kahoot = false"
            yield Complaint("plain", f"has a {key}, which Kahoot's sheet has not, and no plain", hint)


def _numbers(question: Question) -> Iterator[Complaint]:
    if not (math.isfinite(question.points) and question.points > 0):
        yield Complaint(
            "points", f"points is {question.points:g}, expected more than 0", "say what it is worth"
        )
    if question.time and question.time not in TIMES:
        yield Complaint("time", *about_time(question.time))


def _picture(question: Question, folder: Path | None) -> Iterator[Complaint]:
    if question.picture_alt and not question.picture:
        yield Complaint("picture_alt", "picture_alt describes no picture", "name the file in picture")
    if not question.picture:
        return
    path = PurePosixPath(question.picture)
    if not question.picture_alt.strip():
        yield Complaint(
            "picture", "nothing says what the picture shows", "add picture_alt for who cannot see it"
        )
    if path.is_absolute() or ".." in path.parts or path.suffix not in PICTURES:
        yield Complaint("picture", f"picture is {question.picture!r}", "name a .png or .jpg beside quiz.toml")
    elif folder:
        yield from _picture_file(folder / path, question.picture)


def _picture_file(path: Path, name: str) -> Iterator[Complaint]:
    if not path.is_file():
        yield Complaint("picture", f"{name} is not there", "put the file beside quiz.toml")
        return
    if path.stat().st_size > PICTURE_LIMIT:
        yield Complaint("picture", f"{name} has {path.stat().st_size:,} bytes", f"at most {PICTURE_LIMIT:,}")
    elif not path.read_bytes().startswith(PICTURES[path.suffix]):
        yield Complaint("picture", f"{name} is no {path.suffix[1:].upper()} file", "save it again as one")


def _number(question: Number) -> Iterator[Complaint]:
    if not math.isfinite(question.value):
        yield Complaint("value", f"value is {question.value}", "give a number")
    if not (math.isfinite(question.tolerance) and question.tolerance >= 0):
        yield Complaint("tolerance", f"tolerance is {question.tolerance:g}", "give a number from 0")
    elif question.tolerance == 0 and question.value % 1 > 0:
        hint = "say how far off an answer may be, such as 0.005 for two decimals"
        yield Complaint("tolerance", f"tolerance is 0 and value is {question.value:g}", hint)
    if not question.unit.strip():
        yield Complaint("unit", "unit is empty", 'say what is counted: "parameters", "steps", "percent"')


def _short(question: Short) -> Iterator[Complaint]:
    if not question.accepted:
        yield Complaint("accepted", "accepted is empty", "list the forms that are right")
    seen: dict[str, str] = {}
    asked = " ".join((question.text, question.plain, question.code, question.picture_alt, question.picture))
    for form in question.accepted:
        plain = wording.same(form)
        if not plain:
            yield Complaint("accepted", f"accepts {form!r}, which is nothing", "leave it out")
        elif plain in seen:
            hint = "leave one out: case, blanks and hyphens do not matter"
            yield Complaint("accepted", f"{form!r} is the same as {seen[plain]!r}", hint)
        elif re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", wording.same(asked)):
            hint = "ask without it: these fields are released"
            yield Complaint("text", f"the answer {form!r} stands in the question", hint)
        if len(form) > LONGEST_FORM:
            yield Complaint(
                "accepted", f"a form of {len(form)} characters", "make it a question of the kind free"
            )
        seen.setdefault(plain, form)
