"""Big tables: fetched whole whatever the network does, and read without being in memory."""

import datetime
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from finetune.parts.problem import Problem
from finetune.sources import asking_again, tables

from tests.student.server import Fault, serving

STUDENT = Path(__file__).parents[2] / "student"
LINES = ["ImageID,LabelName,Title"] + [f"{i:016x},/m/{i % 7},photograph number {i}" for i in range(60_000)]
TEXT = "\n".join(LINES) + "\n"  # 2.6 MB


@pytest.fixture
def published(tmp_path, monkeypatch):
    """(address of a table on a server, what the server notes, where the table shall lie)"""
    monkeypatch.setattr(asking_again, "FIRST", 0.01)
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "table.csv").write_text(TEXT)
    with serving(folder) as (address, log):
        yield f"{address}/table.csv", log, tmp_path / "tables/table.csv"


def asked(log):
    """Where the ranges begin that were asked for."""
    return [int(line.split("=")[1].rstrip("-")) for line in log.ranges]


def test_a_table_is_fetched_once_and_nothing_else_is_left(published):
    address, log, path = published
    tables.fetch(address, path)
    tables.fetch(address, path)
    assert path.read_text() == TEXT
    assert log.gets == {"table.csv": 1}
    assert list(path.parent.iterdir()) == [path]


def test_a_connection_that_breaks_often_is_taken_up_where_it_broke(published):
    address, log, path = published
    log.faults["table.csv"] = [Fault(cut=200_000) for _ in range(9)]  # more often than one asks in vain
    tables.fetch(address, path)
    assert path.read_text() == TEXT
    assert asked(log) == [200_000 * n for n in range(1, 10)]


def test_a_killed_download_goes_on(published):
    address, log, path = published
    log.faults["table.csv"] = [Fault(pace=0.05)]
    fetch = f"tables.fetch({address!r}, pathlib.Path({str(path)!r}))"
    program = f"import pathlib; from finetune.sources import tables; {fetch}"
    process = subprocess.Popen([sys.executable, "-c", program], cwd=STUDENT, stderr=subprocess.DEVNULL)
    part = path.with_name("table.csv.part")
    while not (part.exists() and part.stat().st_size > 1_000_000):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    had = part.stat().st_size
    assert not path.exists()
    tables.fetch(address, path)
    assert asked(log) == [had]
    assert path.read_text() == TEXT


def test_a_beginning_of_another_version_is_not_gone_on_with(published, tmp_path):
    address, log, path = published
    log.faults["table.csv"] = [Fault(cut=100_000), *[Fault(status=404)]]
    with pytest.raises(tables.Absent):
        tables.fetch(address, path)
    (tmp_path / "published/table.csv").write_text(TEXT.upper())
    tables.fetch(address, path)
    assert path.read_text() == TEXT.upper()


def test_a_server_that_knows_no_ranges_sends_all_again(published):
    address, log, path = published
    path.parent.mkdir()
    path.with_name("table.csv.part").write_text(TEXT[:1000])  # without a tag no range is asked for
    tables.fetch(address, path)
    assert path.read_text() == TEXT
    assert asked(log) == []


def test_killed_after_the_last_byte(published):
    address, log, path = published
    tables.fetch(address, path)
    part = path.rename(path.with_name("table.csv.part"))
    with_tag = part.with_name("table.csv.part.tag")
    log.faults["table.csv"] = [Fault(status=416)]
    with_tag.write_text('"version"')
    tables.fetch(address, path)
    assert path.read_text() == TEXT


class Clock:
    """One that stands still but while somebody sleeps; `meanwhile` happens during the first sleep."""

    def __init__(self):
        self.now = 1000.0
        self.meanwhile = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        while self.meanwhile:
            self.meanwhile.pop()()
        self.now += seconds


def test_a_busy_server_is_left_alone_as_long_as_it_asks(published, monkeypatch, capsys):
    """Told once: the second answer names no pause."""
    address, log, path = published
    clock = Clock()
    monkeypatch.setattr(asking_again, "time", clock)
    log.faults["table.csv"] = [Fault(status=429, headers=(("Retry-After", "60"),)), Fault(status=503)]
    tables.fetch(address, path)
    assert log.gets["table.csv"] == 3
    assert 1060 <= clock.now < 1061  # the second pause is our own, of FIRST seconds
    assert capsys.readouterr().out == "The server asks to be left alone for 60 s.\n"


def test_a_pause_is_kept_by_all_who_ask_the_same_server(monkeypatch):
    clock, patience, asked = Clock(), asking_again.Patience(), []
    monkeypatch.setattr(asking_again, "time", clock)

    def busy():
        asked.append(clock.now)
        if len(asked) == 1:
            raise asking_again.Again("busy", 10.0)

    clock.meanwhile.append(lambda: patience.ask(lambda: asked.append(clock.now)))
    patience.ask(busy)
    first, other, second = asked
    assert first == 1000
    assert min(other, second) >= 1010


def test_what_cannot_be_had_is_told(published, tmp_path):
    address, log, path = published
    with pytest.raises(Problem, match="nothing.csv cannot be read: HTTP Error 404.*check `mirror`"):
        tables.fetch(address.replace("table", "nothing"), tmp_path / "nothing.csv")
    log.lasting, log.faults["table.csv"] = True, [Fault(status=500)]
    with pytest.raises(Problem, match="HTTP Error 500.*run `make data` again, it goes on from here"):
        tables.fetch(address, path)
    assert log.gets["table.csv"] == asking_again.ATTEMPTS
    with pytest.raises(Problem, match="cannot be read.*check your network"):
        tables.fetch("http://127.0.0.1:9/table.csv", path)


def test_seconds_and_dates_of_retry_after():
    assert asking_again.retry_after(None) == 0
    assert asking_again.retry_after("120") == 120
    assert asking_again.retry_after("soon") == 0
    now = datetime.datetime(2020, 11, 10, 22, 58, 30, tzinfo=datetime.UTC)
    assert asking_again.retry_after("Tue, 10 Nov 2020 22:59:59 GMT", now) == 89
    assert asking_again.retry_after("Tue, 10 Nov 2020 22:58:00 GMT", now) == 0


def test_rows_of_a_column(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TEXT)
    assert [row["ImageID"] for row in tables.rows(path, "LabelName", ["/m/3"])][:2] == [
        f"{3:016x}",
        f"{10:016x}",
    ]
    with pytest.raises(Problem, match="there is no column Label; delete the file"):
        next(tables.rows(path, "Label", ["/m/3"]))


def test_titles_may_hold_commas_quotes_lines_and_any_letters(tmp_path):
    path = tmp_path / "table.csv"
    title = 'A "cat", two\nlines,\n\u732b'
    quoted = title.replace('"', '""')
    path.write_bytes(f'ImageID,Title\na,x\nb,"{quoted}"\nc,z\n'.encode() + b"d,\xff\n")
    found = [(row["ImageID"], row.get("Title")) for row in tables.rows(path, "ImageID", {"b", "d"})]
    assert found == [("b", title), ("d", "\ufffd")]
