"""The line that says what is being done, on a terminal and in a file."""

import io
import re
import threading

import pytest

from grader.render import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "shown"),
    [
        (io.StringIO(), "[T] accuracy\n[T] report\n"),
        (
            Terminal(),
            "\r\x1b[K[T] accuracy\r\x1b[K[T] predicting images: 8 of 24\r\x1b[K[T] report\r\x1b[K",
        ),
    ],
)
def test_how_far_a_step_is_is_for_those_who_watch(stream: io.StringIO, shown: str) -> None:
    with progress.Line(stream) as line:
        line.show("accuracy")
        line.show("predicting images", "8 of 24")
        line.show("report")
    assert re.sub(r"\[ *[\d.]+ s\]", "[T]", stream.getvalue()) == shown


def test_a_step_that_takes_long_says_so() -> None:
    """How long that takes is the machine's: the line is waited for."""
    stream = io.StringIO()
    with progress.Line(stream, patience=0.01) as line:
        line.show("two_phases")
        while stream.getvalue().count("still under way") < 2:
            threading.Event().wait(0.005)
    first, second, *_ = re.findall(r"\] (.*)", stream.getvalue())
    assert (first, second) == ("two_phases", "two_phases: still under way, silent for 0 s")
