"""Claim against evidence: what was observed when, and what follows from it."""

from dataclasses import dataclass

import msgspec
import pytest

from grader import deadlines
from grader.deadlines import Commit, Gathered, History, Observation, Policy, Ruling, Stamp, Status, Timeline

DEADLINE = deadlines.instant("2020-11-10 23:59", "Europe/Budapest")
LAST = 1605049199  # 2020-11-10T23:59:59+01:00, by `date -d`
MINUTE, HOUR, DAY = 60, 3600, 86400
LEDGER = "the ledger"


def commit(sha: str, at: int, *parents: str) -> Commit:
    return Commit(sha, parents, Stamp(at, 60), Stamp(at, 60), "Ada", "Ada", f"commit {sha}")


# a, b and c follow one another; d was pushed over c, x is on no branch any more.
A, B, C, X = (
    commit("a", LAST - 2 * DAY),
    commit("b", LAST - DAY, "a"),
    commit("c", LAST - HOUR, "b"),
    commit("x", LAST - HOUR, "b"),
)
LATE = commit("z", LAST + HOUR, "c")


def history(*commits: Commit) -> History:
    """A branch that ends at the last commit; `x` is known, but on no branch."""
    known = {each.sha: each for each in (X, *reversed(commits))}
    return History(branch="main", head=commits[-1].sha, commits=known, branches={"main": commits[-1].sha})


def looks(*found: tuple[int, str]) -> tuple[Observation, ...]:
    """Looks at the branch, at seconds after the deadline."""
    return tuple(Observation(LEDGER, LAST + at, LAST + at, sha) for at, sha in found)


def receipt(at: int, sha: str) -> Observation:
    return Observation("the time stamp authority", LAST + at, LAST + at, sha, tip=False)


def line(found: tuple[Observation, ...], *commits: Commit) -> Timeline:
    return deadlines.timeline(history(*commits), [LAST], LAST + 30 * DAY, Gathered(found))


def decide(found: tuple[Observation, ...], *commits: Commit, **settings: object) -> Ruling:
    return deadlines.decide(line(found, *commits), DEADLINE, Policy(**settings))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Row:
    name: str
    found: tuple[Observation, ...]
    status: str
    graded: str
    proven: str
    commits: tuple[Commit, ...] = (A, B, C)


TABLE = (
    Row("nobody looked", (), "CLAIMED_IN_TIME", "c", ""),
    Row("seen before the deadline", looks((-MINUTE, "c")), "PROVEN_IN_TIME", "c", "c"),
    Row("seen in the last second", looks((0, "c")), "PROVEN_IN_TIME", "c", "c"),
    Row("seen within the grace", looks((4 * MINUTE, "c")), "PROVEN_IN_TIME", "c", "c"),
    Row("first look long after, and it was there", looks((2 * DAY, "c")), "CLAIMED_IN_TIME", "c", ""),
    Row("only an older one seen in time", looks((-HOUR, "b")), "CLAIMED_IN_TIME", "c", "b"),
    Row(
        "not there just after the grace, there later",
        looks((-HOUR, "b"), (6 * MINUTE, "b"), (DAY, "c")),
        "DATED_IN_TIME_FIRST_OBSERVED_LATE",
        "b",
        "b",
    ),
    Row(
        "not there within the grace, there later",
        looks((-HOUR, "b"), (2 * MINUTE, "b"), (DAY, "c")),
        "CLAIMED_IN_TIME",
        "c",
        "b",
    ),
    Row(
        "the branch was not there after the deadline",
        looks((HOUR, ""), (DAY, "c")),
        "DATED_IN_TIME_FIRST_OBSERVED_LATE",
        "c",
        "",
    ),
    Row(
        "there, then for a while not, after the deadline",
        looks((HOUR, "c"), (2 * HOUR, "b"), (DAY, "c")),
        "CLAIMED_IN_TIME",
        "c",
        "",
    ),
    Row("a receipt in time", (receipt(-MINUTE, "c"),), "PROVEN_IN_TIME", "c", "c"),
    Row("a receipt of an older commit", (receipt(-MINUTE, "b"),), "CLAIMED_IN_TIME", "c", "b"),
    Row("a late receipt says nothing about the branch", (receipt(DAY, "b"),), "CLAIMED_IN_TIME", "c", ""),
    Row(
        "a receipt outweighs a look that came too late",
        (receipt(-MINUTE, "c"), *looks((HOUR, "b"), (DAY, "c"))),
        "PROVEN_IN_TIME",
        "c",
        "c",
    ),
    Row(
        "a fast clock: dated late, seen in time",
        looks((-MINUTE, "z")),
        "PROVEN_IN_TIME",
        "z",
        "z",
        (A, B, C, LATE),
    ),
    Row(
        "dated late, seen within the grace", looks((MINUTE, "z")), "PROVEN_IN_TIME", "c", "c", (A, B, C, LATE)
    ),
    Row("dated late, never seen", (), "CLAIMED_IN_TIME", "c", "", (A, B, C, LATE)),
    Row("force-pushed after the deadline", looks((-MINUTE, "x"), (DAY, "c")), "HISTORY_REWRITTEN", "c", "b"),
    Row(
        "force-pushed after the deadline to something unknown",
        looks((-MINUTE, "gone"), (DAY, "c")),
        "HISTORY_REWRITTEN",
        "c",
        "",
    ),
    Row(
        "everything written anew after the deadline",
        looks((-MINUTE, "x")),
        "HISTORY_REWRITTEN",
        "",
        "",
        (commit("l", LAST + 1),),
    ),
    Row("force-pushed before the deadline", looks((-HOUR, "x"), (-MINUTE, "c")), "PROVEN_IN_TIME", "c", "c"),
    Row("force-pushed within the grace", looks((-HOUR, "x"), (MINUTE, "c")), "PROVEN_IN_TIME", "c", "c"),
    Row("nothing in time", (), "NOTHING_BEFORE_DEADLINE", "", "", (commit("l", LAST + 1),)),
    Row(
        "nothing dated in time, but seen",
        looks((-MINUTE, "l")),
        "PROVEN_IN_TIME",
        "l",
        "l",
        (commit("l", LAST + 1),),
    ),
)


UNSET = Commit("u", ("a",), None, None, "Ada", "Ada", "a clock that was never set")
ON_TOP = commit("t", LAST - HOUR, "u")


@pytest.mark.parametrize(
    ("found", "status", "graded", "if_refused"),
    [
        ((), "DATE_UNKNOWN", "t", "a"),
        (looks((-MINUTE, "t")), "PROVEN_IN_TIME", "t", "t"),
        ((receipt(-MINUTE, "u"),), "DATE_UNKNOWN", "t", "u"),
        (looks((HOUR, "u"), (DAY, "t")), "DATE_UNKNOWN", "u", "a"),
        (looks((HOUR, "a"), (DAY, "t")), "CLAIMED_IN_TIME", "a", "a"),
        (looks((-HOUR, "x")), "HISTORY_REWRITTEN", "a", "a"),
    ],
)
def test_a_clock_that_was_never_set_and_what_others_saw(
    found: tuple[Observation, ...], status: str, graded: str, if_refused: str
) -> None:
    ruling = decide(found, A, UNSET, ON_TOP)
    assert (ruling.status, ruling.graded) == (status, graded)
    refused = decide(found, A, UNSET, ON_TOP, date_unknown="refuse")
    assert refused.status != "DATE_UNKNOWN"
    assert refused.graded == if_refused


def test_an_unset_clock_at_the_start_of_a_long_history_is_told_from_the_evidence_that_is_kept() -> None:
    first = Commit("0", (), None, None, "Ada", "Ada", "first")
    long = [commit(str(number), LAST - DAY + number * MINUTE, str(number - 1)) for number in range(1, 2000)]
    made = deadlines.timeline(history(first, *long), [LAST], LAST + 30 * DAY)
    assert len(made.tracks["published"].marks) < 400
    ruling = deadlines.decide(made, DEADLINE, Policy())
    assert (ruling.status, ruling.graded) == (Status.DATE_UNKNOWN, "1440")  # a day has 1440 minutes


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_what_follows_from_evidence(row: Row) -> None:
    ruling = decide(row.found, *row.commits)
    assert (ruling.status, ruling.graded, ruling.proven) == (row.status, row.graded, row.proven)
    told = " ".join(deadlines.sentences(line(row.found, *row.commits), ruling)).lower()
    assert not any(word in told for word in ("cheat", "forge", "fraud", "invalid", "manipulat", "suspicious"))


def test_the_evidence_is_plain_data_and_judges_the_same_again() -> None:
    for row in TABLE:
        made = line(row.found, *row.commits)
        again = msgspec.json.decode(msgspec.json.encode(made), type=Timeline)
        assert deadlines.decide(again, DEADLINE, Policy()) == deadlines.decide(made, DEADLINE, Policy())


def test_an_extension_is_judged_from_the_same_evidence() -> None:
    made = line(looks((-HOUR, "b"), (90 * MINUTE, "z")), A, B, C, LATE)
    extended = deadlines.instant("2020-11-12 23:59", "Europe/Budapest")
    before, after = (deadlines.decide(made, each, Policy()) for each in (DEADLINE, extended))
    assert (before.status, before.graded) == (Status.CLAIMED_IN_TIME, "c")
    assert (after.status, after.graded) == (Status.PROVEN_IN_TIME, "z")


def test_what_an_extension_changed_is_told() -> None:
    made = line(looks((90 * MINUTE, "z")), A, B, C, LATE)
    extended = deadlines.instant("2020-11-12 23:59", "Europe/Budapest")
    before, after = (deadlines.decide(made, each, Policy()) for each in (DEADLINE, extended))
    assert deadlines.changes(before, after, "c") == (
        "The deadline was 2020-11-10 23:59:59 CET (22:59:59 UTC) "
        "and is 2020-11-12 23:59:59 CET (22:59:59 UTC).",
        "The status was claimed in time and is proven in time.",
        "The commit that counts was c and is z.",
        "What was measured belongs to another commit: collect the submission again.",
    )
    assert deadlines.changes(before, before, "c") == ()


def test_where_nothing_is_in_time_the_newest_commit_was_measured_and_nothing_is_odd() -> None:
    made = line((), LATE)
    nothing = deadlines.decide(made, DEADLINE, Policy())
    assert nothing.graded == ""
    assert deadlines.changes(nothing, nothing, "z") == ()
    told = " ".join(deadlines.sentences(made, nothing))
    assert "The first one, z, is dated" in told and "newest" not in told  # it is the only one


def test_the_line_leads_where_the_branch_was_seen() -> None:
    """A merge named like any other, after the deadline: only evidence knows which side was published."""
    local = commit("l", LAST - HOUR, "b")
    merge = commit("m", LAST + HOUR, "l", "c")
    assert decide((), A, B, C, local, merge).graded == "l"
    ruling = decide(looks((-MINUTE, "c"), (DAY, "m")), A, B, C, local, merge)
    assert (ruling.status, ruling.graded) == (Status.PROVEN_IN_TIME, "c")


def test_milestones_are_three_deadlines_over_one_repository() -> None:
    first = deadlines.instant("2020-11-08 23:59:59", "Europe/Budapest")
    second = deadlines.instant("2020-11-09 23:59:59", "Europe/Budapest")
    made = line((), A, B, C)
    assert [deadlines.decide(made, each, Policy()).graded for each in (first, second, DEADLINE)] == [
        "a",
        "b",
        "c",
    ]


@pytest.mark.parametrize(
    ("late_days", "seconds", "expected"),
    [
        (0, 1, ("CLAIMED_IN_TIME", "c", 0, 0)),
        (2, 1, ("LATE", "z", 1, 10)),
        (2, DAY, ("LATE", "z", 1, 10)),
        (2, DAY + 1, ("LATE", "z", 2, 20)),
        (2, 2 * DAY + 1, ("CLAIMED_IN_TIME", "c", 0, 0)),
    ],
)
def test_late_days(late_days: int, seconds: int, expected: tuple[str, str, int, float]) -> None:
    work = (A, B, C, commit("z", LAST + seconds, "c"))
    ruling = decide((), *work, late_days=late_days, penalty_per_day=10)
    assert (ruling.status, ruling.graded, ruling.late_days, ruling.penalty) == expected


def test_a_late_day_that_is_first_observed_later_is_not_taken_at_its_word() -> None:
    work = (A, B, C, commit("z", LAST + HOUR, "c"))
    found = looks((-MINUTE, "c"), (DAY + HOUR, "c"), (5 * DAY, "z"))
    ruling = decide(found, *work, late_days=1, penalty_per_day=10)
    assert (ruling.status, ruling.graded) == (Status.PROVEN_IN_TIME, "c")


def test_a_late_day_across_a_clock_change_is_a_calendar_day() -> None:
    deadline = deadlines.instant("2021-03-27 23:59", "Europe/Budapest")
    last_second_of_the_next_day = 1616968799  # 2021-03-28T23:59:59+02:00
    made = deadlines.timeline(history(A, commit("z", last_second_of_the_next_day, "a")), [], 0)
    assert deadlines.decide(made, deadline, Policy(late_days=1)).late_days == 1
    made = deadlines.timeline(history(A, commit("z", last_second_of_the_next_day + 1, "a")), [], 0)
    assert deadlines.decide(made, deadline, Policy(late_days=1)).late_days == 0


def test_settings_decide_what_a_status_does() -> None:
    doubtful = looks((-HOUR, "b"), (HOUR, "b"), (DAY, "c"))
    assert decide(doubtful, A, B, C).effect == "review"
    assert decide(doubtful, A, B, C, first_observed_late="refuse").effect == "refuse"
    assert decide(doubtful, A, B, C, unconfirmed="claimed").graded == "c"
    assert decide((), A, B, C, claimed_in_time="review").effect == "review"
    assert decide(looks((20 * MINUTE, "c")), A, B, C, grace_minutes=30).status == Status.PROVEN_IN_TIME
    assert decide((), commit("l", LAST + 1)).effect == "refuse"


def test_facts_are_told_with_their_sources() -> None:
    found = looks((-HOUR, "b"), (HOUR, "b"), (DAY, "c"))
    told = deadlines.sentences(line(found, A, B, C), decide(found, A, B, C))
    assert told == (
        "The deadline is 2020-11-10 23:59:59 CET (22:59:59 UTC).",
        "Commit b on main counts (commit b).",
        "It is dated 2020-11-09 23:59:59 CET (22:59:59 UTC), 1 day before the deadline.",
        "The ledger recorded it on 2020-11-10 22:59:59 CET (21:59:59 UTC), 1 h before the deadline.",
        "Commit c is dated 2020-11-10 22:59:59 CET (21:59:59 UTC), 1 h before the deadline.",
        "At 2020-11-11 00:59:59 CET (2020-11-10 23:59:59 UTC) the branch ended at b (the ledger), without c.",
        "The ledger first recorded c on 2020-11-11 23:59:59 CET (22:59:59 UTC), 1 day after the deadline.",
        "So its date cannot be confirmed; b is shown in time.",
        "1 later commit is not graded; the newest, c, is dated 2020-11-10 22:59:59 CET (21:59:59 UTC), "
        "1 h before the deadline.",
    )


def test_thousands_of_looks_stay_small() -> None:
    found = looks(*((-number * MINUTE, "b") for number in range(5000, 0, -1)), (HOUR, "b"), (DAY, "c"))
    made = line(found, A, B, C)
    assert len(made.sightings) == 3
    assert deadlines.decide(made, DEADLINE, Policy()).status == Status.DATED_IN_TIME_FIRST_OBSERVED_LATE


def test_no_source_crowds_out_another() -> None:
    """Hundreds of receipts, and of pushes that the host recorded, leave the course's own looks in place."""
    stamps = tuple(receipt(DAY + number, "abc"[number % 3]) for number in range(900))
    pushes = tuple(
        Observation("GitHub", LAST + DAY + number, LAST + DAY + number, "bc"[number % 2])
        for number in range(900)
    )
    host = Observation("GitHub", LAST + HOUR, LAST + HOUR, "b")
    for own in (looks((-HOUR, "b"), (HOUR, "b")), (host,)):
        made = line((*own, *stamps, *pushes), A, B, C)
        assert len(made.sightings) < 1000
        ruling = deadlines.decide(made, DEADLINE, Policy())
        assert ruling.status == Status.DATED_IN_TIME_FIRST_OBSERVED_LATE
