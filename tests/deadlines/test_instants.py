"""Local times as instants, and durations in words. Expected seconds are from `date -d`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import deadlines
from grader.ground.errors import GraderError

BUDAPEST = "Europe/Budapest"


@pytest.mark.parametrize(
    ("written", "zone", "last"),
    [
        ("2020-11-10 23:59", BUDAPEST, 1605049199),
        ("2020-11-10T23:59", BUDAPEST, 1605049199),
        ("2020-11-10 23:59:30", BUDAPEST, 1605049170),
        ("2020-11-10 23:59", "UTC", 1605052799),
        ("2020-11-10 23:59", "Pacific/Kiritimati", 1605002399),
        ("2020-11-10 22:59Z", BUDAPEST, 1605049199),
        ("2020-11-10T23:59:59+01:00", "UTC", 1605049199),
        ("2020-07-01 12:00", BUDAPEST, 1593597659),
    ],
)
def test_instants(written: str, zone: str, last: int) -> None:
    found = deadlines.instant(written, zone)
    assert (found.last, found.warnings) == (last, ())


@pytest.mark.parametrize(
    ("written", "last", "warning"),
    [
        (
            "2021-03-28 02:30",
            1616895059,
            "does not exist in Europe/Budapest, as the clocks go forward; 03:30 counts",
        ),
        (
            "2021-03-28 02:00",
            1616893259,
            "does not exist in Europe/Budapest, as the clocks go forward; 03:00 counts",
        ),
        (
            "2020-10-25 02:30",
            1603589459,
            "comes twice in Europe/Budapest, as the clocks go back; the later one counts",
        ),
    ],
)
def test_clock_changes_are_told(written: str, last: int, warning: str) -> None:
    found = deadlines.instant(written, BUDAPEST)
    assert (found.last, found.warnings) == (last, (f"{written} {warning}",))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "tomorrow",
        "2020-11-10",
        "2020-13-10 23:59",
        "2020-11-31 23:59",
        "2020-11-10 24:00",
        "10.11.2020 23:59",
        "2020-11-10 23:59 Europe/Budapest",
        "2020-11-10 23:59+25:00",
        "2020-11-10 23:59:60",
        "\uff12020-11-10 23:59",
    ],
)
def test_what_is_no_time(written: str) -> None:
    with pytest.raises(GraderError, match="is not a time; write it as 2020-11-10 23:59"):
        deadlines.instant(written, BUDAPEST)


@pytest.mark.parametrize("zone", ["", "Budapest", "Europe/Atlantis", "../../etc/passwd", "CET+1", "\0"])
def test_what_is_no_zone(zone: str) -> None:
    with pytest.raises(GraderError, match="there is no time zone"):
        deadlines.instant("2020-11-10 23:59", zone)


def test_shown_in_local_time_and_utc() -> None:
    assert deadlines.local(1605049199, BUDAPEST) == "2020-11-10 23:59:59 CET (22:59:59 UTC)"
    assert deadlines.local(1605049200, BUDAPEST) == "2020-11-11 00:00:00 CET (2020-11-10 23:00:00 UTC)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "in the last second before the deadline"),
        (1, "1 s before the deadline"),
        (-1, "1 s after the deadline"),
        (59, "59 s before the deadline"),
        (60, "1 min before the deadline"),
        (1859, "30 min 59 s before the deadline"),
        (-1616, "26 min 56 s after the deadline"),
        (3600, "1 h before the deadline"),
        (3661, "1 h 1 min before the deadline"),
        (86400, "1 day before the deadline"),
        (2 * 86400 + 3 * 3600 + 59, "2 days 3 h before the deadline"),
        (86400 + 59, "1 day before the deadline"),
    ],
)
def test_margins(seconds: int, words: str) -> None:
    assert deadlines.margin_words(seconds) == words


@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from([BUDAPEST, "UTC", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_every_local_time_is_a_deadline(seconds: int, zone: str) -> None:
    """Whatever a clock on the wall shows: the deadline is that moment or, where it comes twice, the later."""
    shown = deadlines.local(seconds, zone)[:19]
    assert 0 <= deadlines.instant(shown, zone).last - seconds <= 3600
