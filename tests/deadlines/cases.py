"""Histories of students, each with the commit that counts by its dates, decided by hand.

Unless a case says otherwise, the deadline is 2020-11-10 23:59 in Budapest, whose last second is
2020-11-10T23:59:59+01:00, and the commits `a`, `b`, ... follow one another on the branch `main`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.repository.building import C

EARLY = "2020-11-09T18:00:00+01:00"
IN_TIME = "2020-11-10T20:00:00+01:00"
LATE = "2020-11-11T00:30:00+01:00"
MUCH_LATER = "2020-11-20T12:00:00+01:00"
PULL = "Merge branch 'main' of https://github.com/ada/hw4"


@dataclass(frozen=True)
class Case:
    """`expect` names the commit that counts, "" for none; `rivals` those that other rules would take.

    `undated` would count if a person accepts a date that no clock set.
    """

    name: str
    commits: tuple[C, ...]
    expect: str
    deadline: str = "2020-11-10 23:59"
    branch: str = "main"
    rivals: frozenset[str] = field(default=frozenset())
    undated: str = ""


def case(name: str, *commits: C, expect: str, **others: object) -> Case:
    return Case(name, commits, expect, **others)  # type: ignore[arg-type]


def boundaries() -> Iterator[Case]:
    """The last second, the one before and the one after, as clocks all over the world write them."""
    moments = {  # the same moment in seven zones, written out by hand
        "23:59:58 is in time": (
            "2020-11-10T23:59:58+01:00",
            "2020-11-10T22:59:58+00:00",
            "2020-11-10T14:59:58-08:00",
            "2020-11-11T12:59:58+14:00",
            "2020-11-10T10:59:58-12:00",
            "2020-11-11T04:44:58+05:45",
            "2020-11-10T19:29:58-03:30",
        ),
        "23:59:59 is in time": (
            "2020-11-10T23:59:59+01:00",
            "2020-11-10T22:59:59+00:00",
            "2020-11-10T14:59:59-08:00",
            "2020-11-11T12:59:59+14:00",
            "2020-11-10T10:59:59-12:00",
            "2020-11-11T04:44:59+05:45",
            "2020-11-10T19:29:59-03:30",
        ),
        "00:00:00 is late": (
            "2020-11-11T00:00:00+01:00",
            "2020-11-10T23:00:00+00:00",
            "2020-11-10T15:00:00-08:00",
            "2020-11-11T13:00:00+14:00",
            "2020-11-10T11:00:00-12:00",
            "2020-11-11T04:45:00+05:45",
            "2020-11-10T19:30:00-03:30",
        ),
    }
    for name, written in moments.items():
        for moment in written:
            expect = "a" if "late" in name else "b"
            yield case(f"{name}, written {moment}", C("a", EARLY), C("b", moment), expect=expect)


def clock_changes() -> Iterator[Case]:
    """Spring 2021-03-28: 02:00 becomes 03:00. Autumn 2020-10-25: 03:00 becomes 02:00, 02:30 comes twice."""
    early = C("a", "2020-09-01T12:00:00+02:00")
    table = (
        (
            "2021-03-28 02:30",
            "2021-03-28T03:30:59+02:00",
            "b",
            "skipped time moves by an hour",
        ),
        ("2021-03-28 02:30", "2021-03-28T03:31:00+02:00", "a", "skipped time, just after it"),
        ("2021-03-28 02:30", "2021-03-28T01:59:59+01:00", "b", "skipped time, the second before the gap"),
        ("2021-03-28 01:59", "2021-03-28T01:59:59+01:00", "b", "last second of winter time"),
        ("2021-03-28 01:59", "2021-03-28T03:00:00+02:00", "a", "first second of summer time"),
        ("2021-03-28 23:59", "2021-03-28T23:59:59+02:00", "b", "evening of the spring change"),
        (
            "2021-03-28 23:59",
            "2021-03-28T23:00:00+01:00",
            "a",
            "spring evening, unchanged clock",
        ),
        ("2020-10-25 02:30", "2020-10-25T02:30:59+02:00", "b", "first half past two"),
        ("2020-10-25 02:30", "2020-10-25T02:30:59+01:00", "b", "second half past two"),
        ("2020-10-25 02:30", "2020-10-25T02:31:00+01:00", "a", "just after the second half past two"),
        (
            "2020-10-25 01:59",
            "2020-10-25T02:00:00+02:00",
            "a",
            "the first two o'clock",
        ),
        ("2020-10-25 23:59", "2020-10-25T23:59:59+01:00", "b", "evening of the autumn change"),
        (
            "2020-10-25 23:59",
            "2020-10-25T23:59:59+02:00",
            "b",
            "autumn evening, unchanged clock",
        ),
        ("2020-10-25 23:59", "2020-10-26T00:00:00+01:00", "a", "midnight after the autumn change"),
    )
    for deadline, committed, expect, name in table:
        yield case(name, early, C("b", committed), expect=expect, deadline=deadline)


def strange_dates() -> Iterator[Case]:
    late = C("b", LATE)
    yield case("only a late commit", C("a", LATE), expect="")
    never_set = C("a", raw="0 +0000")
    yield case("a date of 1970 below late work", never_set, late, expect="", undated="a")
    on_top = C("b", raw="86400 +0100")
    yield case("a date of 1970 on top of a real one", C("a", EARLY), on_top, expect="a", undated="b")
    yield case("a date of 2000 is older than git", C("a", raw="946684800 +0000"), expect="", undated="a")
    yield case(
        "work in time upon a clock of 1970",
        never_set,
        C("b", EARLY),
        C("c", IN_TIME),
        C("d", LATE),
        expect="",
        undated="c",
        rivals=frozenset({"c"}),
    )
    yield case(
        "a clock of 2001, ten digits",
        C("a", "2001-12-01T00:00:00+00:00"),
        C("b", IN_TIME),
        expect="",
        undated="b",
        rivals=frozenset({"b"}),
    )
    yield case(
        "a side branch of 1970, merged in time",
        C("a", EARLY),
        C("s", raw="86400 +0000", parents=("a",)),
        C("m", IN_TIME, parents=("a", "s"), subject="Merge branch 'side'"),
        expect="a",
        undated="m",
        rivals=frozenset({"m"}),
    )
    yield case("the second before git began", C("a", raw="1112911992 +0000"), expect="", undated="a")
    yield case("the second when git began", C("a", raw="1112911993 +0000"), expect="a")
    yield case("a date in the year 2100", C("a", EARLY), C("b", "2100-01-01T00:00:00+00:00"), expect="a")
    yield case(
        "an ancestor from the future",
        C("a", EARLY),
        C("b", "2100-01-01T00:00:00+00:00"),
        C("c", IN_TIME),
        expect="a",
        rivals=frozenset({"c"}),
    )
    for raw in (
        "abc",
        "",
        "1604847600",
        "1604847600 0100",
        "1604847600 +01:00",
        "1604847600 +1401",
        "1604847600 +9999",
        "1604847600 +0160",
        "-1604847600 +0100",
        "99999999999999999999 +0000",
        "0x5FA80FF0 +0100",
        "1604847600.5 +0100",
        "1604847600 +0100 ",
        "@1604847600 +0100",
        "1604847600 +\u0661\u0660\u0660\u0660",
    ):
        yield case(f"an unreadable date {raw!r}", C("a", EARLY), C("b", raw=raw), expect="a", undated="b")
    yield case(
        "work upon an unreadable date",
        C("a", EARLY),
        C("b", raw="abc"),
        C("c", IN_TIME),
        expect="a",
        undated="c",
        rivals=frozenset({"c"}),
    )
    yield case("a date in zone -0000", C("a", EARLY), C("b", raw="1605049199 -0000"), expect="b")


def graphs() -> Iterator[Case]:
    yield case(
        "back-dated child of a late commit",
        C("a", EARLY),
        C("b", LATE),
        C("c", IN_TIME),
        expect="a",
        rivals=frozenset({"c"}),
    )
    yield case(
        "a chain of back-dated commits on a late one",
        C("a", EARLY),
        C("b", LATE),
        C("c", IN_TIME),
        C("d", "2020-11-10T21:00:00+01:00"),
        expect="a",
        rivals=frozenset({"d"}),
    )
    yield case(
        "clock skew within the time",
        C("a", IN_TIME),
        C("b", "2020-11-10T19:40:00+01:00"),
        expect="b",
        rivals=frozenset({"a"}),
    )
    yield case(
        "amended after the deadline",
        C("a", EARLY),
        C("b", LATE, authored=IN_TIME),
        expect="a",
        rivals=frozenset({"b"}),
    )
    yield case(
        "rebased in time",
        C("a", EARLY),
        C("b", IN_TIME, authored="2020-11-01T10:00:00+01:00"),
        expect="b",
        rivals=frozenset({"a"}),
    )
    yield case(
        "rebased late, two commits",
        C("a", EARLY),
        C("b", LATE, authored=EARLY),
        C("c", LATE, authored=IN_TIME),
        expect="a",
        rivals=frozenset({"c"}),
    )
    yield case("written after it was committed", C("a", EARLY, authored=LATE), expect="a")
    yield case(
        "pull request merged after the deadline",
        C("a", EARLY),
        C("b", IN_TIME, parents=("a",)),
        C("m", MUCH_LATER, parents=("a", "b"), subject="Merge pull request #1 from ada/side"),
        expect="a",
        rivals=frozenset({"b"}),
    )
    yield case(
        "pull request merged in time",
        C("a", EARLY),
        C("b", EARLY, parents=("a",)),
        C("m", IN_TIME, parents=("a", "b"), subject="Merge pull request #1 from ada/side"),
        expect="m",
    )
    yield case(
        "merge dated in time of a late side branch",
        C("a", EARLY),
        C("b", LATE, parents=("a",)),
        C("m", IN_TIME, parents=("a", "b"), subject="Merge branch 'side'"),
        expect="a",
        rivals=frozenset({"m"}),
    )
    yield case(
        "octopus in time",
        C("a", EARLY),
        C("b", EARLY, parents=("a",)),
        C("c", EARLY, parents=("a",)),
        C("m", IN_TIME, parents=("a", "b", "c"), subject="Merge branches 'x' and 'y'"),
        expect="m",
    )
    yield case(
        "octopus with one late arm",
        C("a", EARLY),
        C("b", EARLY, parents=("a",)),
        C("c", LATE, parents=("a",)),
        C("m", IN_TIME, parents=("a", "b", "c"), subject="Merge branches 'x' and 'y'"),
        expect="a",
        rivals=frozenset({"m"}),
    )
    yield case(
        "octopus after the deadline, named like a pull, follows its first parent",
        C("a", EARLY),
        C("b", IN_TIME, parents=("a",)),
        C("c", EARLY, parents=("a",)),
        C("m", LATE, parents=("a", "b", "c"), subject=PULL),
        expect="a",
        rivals=frozenset({"b"}),
    )
    yield from foxtrots()
    yield case(
        "unrelated histories joined in time",
        C("a", EARLY),
        C("b", EARLY, parents=()),
        C("m", IN_TIME, parents=("a", "b"), subject="Merge branch 'other'"),
        expect="m",
    )
    yield case(
        "criss-cross",
        C("a", EARLY),
        C("b", EARLY, parents=("a",)),
        C("c", EARLY, parents=("a",)),
        C("d", IN_TIME, parents=("b", "c"), subject="Merge"),
        C("e", IN_TIME, parents=("c", "b"), subject="Merge"),
        C("m", LATE, parents=("d", "e"), subject="Merge"),
        expect="d",
    )
    yield case("two commits in one second", C("a", IN_TIME), C("b", IN_TIME), C("c", LATE), expect="b")
    yield case("a commit without a message", C("a", EARLY), C("b", IN_TIME, subject=""), expect="b")
    yield case(
        "submission 27 minutes late",
        C("a", EARLY),
        C("b", "2020-11-11T00:26:55+01:00", subject="Submission"),
        expect="a",
    )
    yield case(
        "a robot moves the branch years later",
        C("a", IN_TIME),
        C("b", "2023-05-01T00:00:00+00:00", subject="Bump numpy"),
        expect="a",
    )
    yield case(
        "a deadline with seconds",
        C("a", EARLY),
        C("b", "2020-11-10T12:00:31+01:00"),
        expect="a",
        deadline="2020-11-10 12:00:30",
    )
    yield case(
        "a deadline with its own offset",
        C("a", EARLY),
        C("b", "2020-11-10T12:00:59+01:00"),
        expect="b",
        deadline="2020-11-10T11:00Z",
    )


def foxtrots() -> Iterator[Case]:
    """A pull makes what was published the second parent of the merge."""
    published = C("p", IN_TIME, parents=("a",))
    local = C("l", EARLY, parents=("a",))
    for subject, branch in (
        (PULL, "main"),
        ("Merge branch 'master' of https://github.com/ada/hw4", "master"),
        ("Merge branch 'main' of github.com:ada/hw4 into main", "main"),
        ("Merge remote-tracking branch 'origin/main'", "main"),
        ("Merge remote-tracking branch 'origin/main' into main", "main"),
        ("Merge branch 'master' of https://github.com/ada/hw4", "main"),
        ("Merge branch 'work' of https://github.com/ada/hw4 into work", "work"),
    ):
        yield case(
            f"foxtrot on {branch}: {subject}",
            C("a", "2020-11-08T12:00:00+01:00"),
            published,
            local,
            C("m", LATE, parents=("l", "p"), subject=subject),
            expect="p",
            branch=branch,
            rivals=frozenset({"l"}),
        )
    for subject in (
        "Merge branch 'side' of https://github.com/ada/hw4",
        "Merge branch 'main' of https://github.com/ada/hw4 into side",
        "Merge remote-tracking branch 'origin/side'",
        "Merge branch 'main'",
    ):
        yield case(
            f"no pull of the same branch: {subject}",
            C("a", "2020-11-08T12:00:00+01:00"),
            published,
            local,
            C("m", LATE, parents=("l", "p"), subject=subject),
            expect="l",
            rivals=frozenset({"p"}),
        )


CASES = (*boundaries(), *clock_changes(), *strange_dates(), *graphs())
