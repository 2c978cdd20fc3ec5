"""A report of Kahoot as evidence, with what a person has to look at, and who was taken for whom."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, to_builtins

from grader import __version__
from grader.checks.deadline import Live
from grader.course import kept
from grader.course.quizzes import kahoot_answers, nicknames
from grader.course.quizzes.kahoot_answers import Conflict
from grader.course.quizzes.kahoot_report import Report
from grader.course.quizzes.nicknames import Match
from grader.course.quizzes.saved import Due
from grader.course.roster import Member
from grader.ground import evidence_file, toml
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence, Measured, Measurement
from grader.ground.visible import visible
from grader.reading.quizzes import Answers

HIDDEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
RULE = "rule: "  # who decided, where it was no person


class Alias(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who played under a nickname in one quiz; student "" is nobody of the course."""

    quiz: str
    nick: str
    student: str
    by: str


class Aliases(Struct, frozen=True, forbid_unknown_fields=True):
    aliases: tuple[Alias, ...] = ()


class Imported(Struct, frozen=True):
    matches: tuple[Match, ...]
    answers: Mapping[str, Answers]
    conflicts: Sequence[Conflict]
    absent: tuple[Member, ...]
    others: Sequence[str]  # questions that are not the quiz's

    @property
    def open(self) -> list[Match]:
        return [each for each in self.matches if each.tier not in nicknames.CERTAIN]


def take_in(
    report: Report, due: Due, members: Sequence[Member], known: Sequence[Alias], path: str
) -> Imported:
    """Raises GraderError: a report of another quiz, or an alias of somebody who is not in the roster."""
    codes = [member.student for member in members]
    decided = {
        each.nick: each.student for each in known if each.quiz == due.quiz.id and not _is_doubtful(each)
    }
    if strangers := sorted({student for student in decided.values() if student} - set(codes)):
        raise GraderError(f"aliases.toml names {', '.join(strangers)}, who is not in the roster")
    matches = nicknames.match(report.players, codes, decided)
    questions = kahoot_answers.by_question(report, due.quiz)
    answers, conflicts = kahoot_answers.collect(report, matches, questions, path)
    absent = tuple(member for member in members if member.student not in answers)
    return Imported(matches, answers, conflicts, absent, kahoot_answers.others(report, questions))


def _is_doubtful(alias: Alias) -> bool:
    return alias.by == f"{RULE}look-alike"


def evidence(
    imported: Imported, due: Due, reference: str, report: Report, members: Sequence[Member]
) -> list[Evidence]:
    """One for each student who played."""
    urls = {member.student: member.url for member in members}
    live = Measured(to_builtins(Live(report.played)))
    found = []
    for student, answers in imported.answers.items():
        measured: dict[str, Measurement] = {due.criterion.name: Measured(to_builtins(answers))}
        measured |= {
            each.name: live for each in due.assignment.criteria if each.check is due.assignment.deadline
        }
        found.append(
            Evidence(
                grader=__version__,
                assignment=reference,
                url=urls[student],
                student=student,
                commit=None,
                measurements=measured,
            )
        )
    return found


def save(folder: Path, found: Sequence[Evidence]) -> None:
    """Raises GraderError: somebody's notebook is kept there, which nothing may replace."""
    places = {each.student: kept.place(folder, each.student) for each in found}
    for student, where in places.items():
        before = kept.load(where)
        if before and before.commit:
            raise GraderError(f"{where.path} is {student}'s notebook; name another --evidence-dir for Kahoot")
    for each in found:
        evidence_file.save(places[each.student].path, each)


def read_aliases(path: Path) -> tuple[Alias, ...]:
    """None where there is no file. Raises GraderError."""
    try:
        return toml.load(path.read_bytes(), Aliases, path.name).aliases
    except FileNotFoundError:
        return ()
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}") from None
    except toml.Misfit as misfit:
        raise GraderError(f"{path.parent / str(misfit)}") from None


def with_new(known: Sequence[Alias], imported: Imported, quiz: str) -> tuple[Alias, ...]:
    """All that was decided, by persons and by rules; what persons wrote stays as it is."""
    there = {(each.quiz, each.nick) for each in known}
    new = (
        Alias(quiz=quiz, nick=each.nick, student=each.student, by=f"{RULE}{each.tier}")
        for each in imported.matches
        if each.student and (quiz, each.nick) not in there
    )
    return (*known, *new)


def write_aliases(path: Path, aliases: Sequence[Alias]) -> None:
    head = (
        "# Who played under which nickname. `grader quiz kahoot` reads and extends this file, and decides\n"
        '# alike the next time. What a rule decided is yours to change: by = "your name", student = "" for\n'
        "# a guest.\n"
    )
    evidence_file.write(path, head + "".join(f"\n{_table(each)}" for each in aliases))


def _table(alias: Alias, comment: str = "") -> str:
    lines = (f"{key} = {_string(getattr(alias, key))}" for key in ("quiz", "nick", "student", "by"))
    return "".join(f"{comment}{line}\n" for line in ("[[aliases]]", *lines))


def _string(text: str) -> str:
    """As TOML and JSON write strings alike: hidden characters as escapes."""
    written = json.dumps(text, ensure_ascii=False)
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def review(imported: Imported, quiz: str, members: Sequence[Member]) -> str:
    """What a person has to say, with the lines for aliases.toml to copy."""
    names = {member.student: member.name for member in members}
    absent = {member.student for member in imported.absent}
    lines = [
        f"# To be decided: copy the right tables into aliases.toml, with your name behind by. Quiz {quiz}.\n"
    ]
    for match in imported.open:
        lines.append(f"\n# {_said(match)}\n")
        for student in match.students or ("",):
            who = visible(f"{student} {names.get(student, '')}".strip()) or "nobody of the course"
            there = ", who did not play otherwise" if student in absent else ""
            lines.append(f"#   {who}{there}\n")
            lines.append(_table(Alias(quiz=quiz, nick=match.nick, student=student, by="?"), "# "))
    for conflict in imported.conflicts:
        nicks = ", ".join(visible(nick) for nick in conflict.nicks)
        about = ", ".join(conflict.questions) or "all questions"
        lines.append(
            f"\n# {conflict.student} played as {nicks}, and answered twice: {about}. Both are kept,\n"
            "# and the points are open. To count one alone, say in aliases.toml that the other is nobody's:\n"
            '#   student = ""\n'
        )
    lines.append(f"\n# Absent: {len(imported.absent)} of {len(members)}\n")
    lines += [
        f"#   {visible(member.student)} {visible(member.name)}".rstrip() + "\n" for member in imported.absent
    ]
    return "".join(lines)


def _said(match: Match) -> str:
    nick = f"{visible(match.nick, 60)!r}"
    return {
        "look-alike": f"{nick} looks like a code, and counts only when you say so:",
        "edit": f"{nick} is one slip away from a code:",
        "several": f"{nick} may be one of several:",
    }.get(match.tier, f"{nick} is like no code:")
