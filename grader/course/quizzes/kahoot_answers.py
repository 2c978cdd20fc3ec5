"""The answers of a Kahoot in the words of the quiz, by student: evidence of the same form as a notebook's."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from grader.course.quizzes import kahoot_sheet
from grader.course.quizzes.kahoot_report import Report, Row
from grader.course.quizzes.nicknames import Match
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.reading.quizzes import Answers, Live, Multiple, Quiz, Reading, Single, Totals
from grader.reading.quizzes.wording import same

OTHER_WORDS = "the words of this answer are none of the quiz's"


class Conflict(Struct, frozen=True):
    """Several entries of one student that answered the same questions."""

    student: str
    nicks: tuple[str, ...]
    questions: tuple[str, ...]


def by_question(report: Report, quiz: Quiz) -> dict[str, Single | Multiple]:
    """The quiz's questions by the report's words for them. Raises GraderError: none of them is there."""
    known = {same(" ".join(each.spoken.split())): each for each in kahoot_sheet.questions(quiz)}
    asked = list(dict.fromkeys(row.question for row in report.rows))
    found = {text: known[same(text)] for text in asked if same(text) in known}
    if asked and not found:
        raise GraderError(
            f"the report is of another quiz than {quiz.id}: none of its questions is there. It asks "
            f"{visible(asked[0], 100)!r}"
        )
    return found


def others(report: Report, known: Mapping[str, Single | Multiple]) -> list[str]:
    """Questions of the report that are not the quiz's."""
    return [text for text in dict.fromkeys(row.question for row in report.rows) if text not in known]


def collect(
    report: Report, matches: Sequence[Match], known: Mapping[str, Single | Multiple], path: str
) -> tuple[dict[str, Answers], list[Conflict]]:
    """Answers by student. Entries of one student are put together by question, never by their sums."""
    played = tuple(question.id for question in known.values())
    entries: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.student:
            entries[match.student].append(match)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in report.rows:
        if row.question in known:
            rows[row.player].append(row)
    totals = {each.player: each for each in report.totals}
    found, conflicts = {}, []
    for student, own in entries.items():
        nicks = tuple(match.nick for match in own)
        given = _given([row for nick in nicks for row in rows[nick]], known)
        doubt = next((_doubt(match) for match in own if match.tier == "look-alike"), "")
        counted = [totals[nick] for nick in nicks if nick in totals]
        twice = tuple(question for question, readings in given.items() if len(readings) > 1)
        if twice or len(counted) > 1:
            conflicts.append(Conflict(student, nicks, twice))
            doubt = doubt or ("" if twice else f"{student} played under {len(nicks)} names")
        whole = Totals(counted[0].correct, counted[0].questions, counted[0].points) if counted else None
        found[student] = Answers(path, given, played=played, totals=whole, doubt=doubt)
    return found, conflicts


def _doubt(match: Match) -> str:
    return f"matched by likeness alone: {visible(match.nick, 60)} for {match.student}"


def _given(rows: Sequence[Row], known: Mapping[str, Single | Multiple]) -> dict[str, tuple[Reading, ...]]:
    """Every question that was played: unanswered where no row has an answer."""
    given: dict[str, tuple[Reading, ...]] = {question.id: (Reading(""),) for question in known.values()}
    answered: dict[str, list[Reading]] = defaultdict(list)
    for row in rows:
        if row.answer:
            question = known[row.question]
            chosen = choices(row.answer, question)
            trouble = "" if chosen else OTHER_WORDS
            live = Live(row.correct, row.points)
            answered[question.id].append(Reading(f":{row.line}", chosen or None, trouble, live))
    return given | {question: tuple(readings) for question, readings in answered.items()}


def choices(answer: str, question: Single | Multiple) -> list[str]:
    """The choices that an answer names, by their words; of several, Kahoot writes commas between them."""
    words = {same(" ".join(question.spoken_choice(each).split())): each for each in question.choices}
    if same(answer) in words:
        return [words[same(answer)]]
    wanted = sorted(part for part in map(same, answer.split(",")) if part)
    for size in range(2, len(words) + 1):
        for picked in combinations(words, size):
            if sorted(part for text in picked for part in map(same, text.split(",")) if part) == wanted:
                return [words[text] for text in picked]
    return []
