"""What comes before any grammar: encodings, colours, carriage returns, prefixes."""

import pytest

from grader.reading import logs
from grader.reading.logs import lines

EPOCH = "Epoch [1/1] Train Loss: 0.4570 Val Accuracy: 0.9060"


def accuracy(content: bytes) -> str:
    (log,) = logs.read("run.log", content)
    value = log.runs[0].last("accuracy", "val")
    assert value is not None
    return value.printed


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_encoding_that_shells_write(encoding: str) -> None:
    assert accuracy(f"{EPOCH}\r\nvége\r\n".encode(encoding)) == "0.9060"


def test_colours_and_titles_of_a_terminal() -> None:
    assert lines.clean("\x1b[1m63/63\x1b[0m \x1b[32m━━\x1b[0m") == "63/63 ━━"
    assert lines.clean("\x1b]0;title\x07text") == "text"


def test_carriage_returns_and_backspaces_end_pieces_not_lines() -> None:
    pieces = list(lines.split("a\rb\r\nc\x08\x08d\n\ne"))
    assert [(line.number, line.text) for line in pieces] == [(1, "a"), (1, "b"), (2, "c"), (2, "d"), (4, "e")]


@pytest.mark.parametrize(
    "prefix",
    [
        "service-1   | ",
        "service-1  | 2025-12-01 10:00:00 ",
        "[2025-12-01 10:00:00] INFO: ",
        "2025-12-01 10:00:00,123 - INFO - ",
        "2025-12-01 10:00:00,123 - root - INFO - ",
        "2025-12-01T10:00:00+01:00 ",
        "2025-12-01 10:00:00.123456: ",
        "INFO:root:",
        "INFO:__main__:",
        "INFO:train:",
        "[INFO] ",
        "[2025-12-01 10:00:00,123][__main__][INFO] - ",
        "10:00:00 - ",
        "[10:00:00] ",
        "INFO: ",
        "WARNING - ",
    ],
)
def test_prefixes_of_loggers_and_containers(prefix: str) -> None:
    assert lines.clean(prefix + EPOCH) == EPOCH


@pytest.mark.parametrize(
    "text", ["train | loss: 0.5", "epoch | loss", "val: loss 0.5", "Epoch: 3", "12:5", "INFO", "2025,1,0.5"]
)
def test_what_looks_like_a_prefix_and_is_none(text: str) -> None:
    assert lines.clean(text) == text


def test_a_longer_line_than_the_limit_is_cut() -> None:
    (line,) = lines.split("x" * (lines.LINE_LIMIT + 5))
    assert len(line.text) == lines.LINE_LIMIT


def test_a_bar_that_was_drawn_over_is_passed_by_but_the_last_one_is_kept() -> None:
    bars = "1/3 [>..] a: 0.9\r2/3 [=>.] a: 0.8\r3/3 [==] a: 0.7\n1/3 [>..] a: 0.6\r2/3 [=>.] a: 0.5\n"
    assert [line.text for line in lines.split(bars)] == ["3/3 [==] a: 0.7", "2/3 [=>.] a: 0.5"]
