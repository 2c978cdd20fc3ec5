"""Signature and offered grade: yes, no, or open, each with its reasons. Pure.

One thing that is not met makes a no, whatever else is open; one that is open keeps a yes away.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.course.rules import WHOLE, Condition, Part
from grader.course.standing import Fact, Standing, Word
from grader.ground.verdict import Points


class Answer(Struct, frozen=True):
    """`reasons` are the facts that decide: what is missing, else what is open, else all that is met."""

    word: Word
    reasons: tuple[str, ...]


class Reached(Struct, frozen=True):
    """What a condition may ask about. `percents` are of the parts and of `total`; None where excused."""

    standings: Mapping[str, Standing]
    parts: Mapping[str, Part]
    percents: Mapping[str, Points | None]
    signature: Answer | None = None


def answer(condition: Condition, reached: Reached) -> Answer:
    facts = tuple(_facts(condition, reached))
    words: Sequence[Word] = ("no", "open", "yes")
    word: Word = next((word for word in words if any(fact.word == word for fact in facts)), "yes")
    return Answer(word, tuple(dict.fromkeys(fact.because for fact in facts if fact.word == word)))


def _facts(condition: Condition, reached: Reached) -> Iterator[Fact]:
    if condition.signature and reached.signature:
        yield _signature(reached.signature)
    standings = reached.standings
    yield from (_unless_excused(standings[name], standings[name].passed) for name in condition.passed)
    yield from (_unless_excused(standings[name], standings[name].in_time) for name in condition.in_time)
    for name, least in condition.least.items():
        yield _least(name, reached.percents[name], least)
    for name, count in condition.passed_of.items():
        yield _passed_of(name, [standings[each] for each in reached.parts[name].assignments], count)


def _signature(found: Answer) -> Fact:
    told = {"yes": "the signature is reached", "no": "there is no signature", "open": "the signature is open"}
    return Fact(found.word, told[found.word])


def _unless_excused(standing: Standing, fact: Fact) -> Fact:
    return Fact("yes", f"{standing.assignment} is excused: {standing.excused}") if standing.excused else fact


def _least(name: str, found: Points | None, least: float) -> Fact:
    of = "of the whole" if name == WHOLE else f"of {name}"
    if found is None and name == WHOLE:
        return Fact("open", "everything that counts is excused: a person decides")
    if found is None:
        return Fact("yes", f"{name} is excused")
    if found.min >= least:
        return Fact("yes", f"{found.min:g} % {of} reached, {least:g} % needed")
    if found.max < least:
        return Fact("no", f"at most {found.max:g} % {of}, {least:g} % needed")
    return Fact("open", f"{found.min:g} % {of} reached so far, {least:g} % needed, {found.max:g} % possible")


def _passed_of(name: str, standings: Sequence[Standing], count: int) -> Fact:
    words = [_unless_excused(each, each.passed).word for each in standings]
    told = f"{words.count('yes')} of {name} passed, {count} needed"
    if words.count("yes") >= count:
        return Fact("yes", told)
    possible = words.count("yes") + words.count("open")
    return Fact("open", told) if possible >= count else Fact("no", f"{told}, at most {possible} possible")
