"""TensorBoard event files, written here byte by byte, read by the worker in its own process."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.reading.logs import discovery, tensorboard
from grader.workers import read_events
from tests.conftest import Make


def varint(number: int) -> bytes:
    rest, low = divmod(number, 128)
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", read_events.masked(read_events.crc32c(head))) + data + b"\0\0\0\0"


def event(step: int, *values: bytes) -> bytes:
    clock = b"\x09" + struct.pack("<d", 1.7e9)
    return record(clock + b"\x10" + varint(step) + field(5, b"".join(field(1, value) for value in values)))


def simple(tag: str, number: float) -> bytes:
    """As PyTorch and TensorFlow 1 write a scalar."""
    return field(1, tag.encode()) + b"\x15" + struct.pack("<f", number)


def tensor(tag: str, number: float) -> bytes:
    """As TensorFlow 2 writes it: a tensor of type 1 with its content as bytes."""
    metadata = field(9, field(1, field(1, b"scalars")))
    return field(1, tag.encode()) + metadata + field(8, b"\x08\x01" + field(4, struct.pack("<f", number)))


VERSION = record(b"\x09" + struct.pack("<d", 1.7e9) + field(3, b"brain.Event:2"))
KERAS = VERSION + event(0, tensor("epoch_loss", 0.6), tensor("epoch_accuracy", 0.8125)) + event(
    1, tensor("epoch_loss", 0.5), tensor("epoch_accuracy", 0.941)
)  # fmt: skip


def test_the_checksum_is_the_castagnoli_one() -> None:
    assert read_events.crc32c(b"123456789") == 0xE3069283  # the check value of its catalogue entry


def test_keras_writes_a_folder_for_each_split(submit: Make) -> None:
    path = "logs/run/validation/read_events.out.tfevents.1700000000.host.123.v2"
    log = tensorboard.read(submit({path: KERAS}), path)
    run = log.runs[0]
    assert (run.unit, run.grammar, [epoch.number for epoch in run.epochs]) == ("epoch", "tensorboard", [0, 1])
    assert [epoch.value("accuracy", "val").printed for epoch in run.epochs] == ["0.8125", "0.941"]
    assert run.last("loss", "val").printed == "0.5"


def test_pytorch_names_the_split_in_the_tag_and_counts_steps(submit: Make) -> None:
    path = "runs/Nov01/read_events.out.tfevents.1"
    content = VERSION + event(10, simple("Loss/train", 0.5)) + event(10, simple("Accuracy/val", 0.925))
    run = tensorboard.read(submit({path: content}), path).runs[0]
    assert run.unit == "step"
    assert run.last("accuracy", "val").printed == "0.925"
    assert run.last("loss", "train").printed == "0.5"


def test_stubs_without_scalars_are_no_logs(submit: Make) -> None:
    found = discovery.find(
        submit({"a/read_events.out.tfevents.1": VERSION, "b/read_events.out.tfevents.2": KERAS})
    )
    assert [log.where for log in found.logs] == ["b/read_events.out.tfevents.2"]


@pytest.mark.parametrize("end", [b"\x01", b"\xff" * 40, event(2, simple("epoch_loss", 0.4))[:-9]])
def test_a_damaged_end_leaves_what_comes_before_it(submit: Make, end: bytes) -> None:
    log = tensorboard.read(submit({"events.out.tfevents.1": KERAS + end}), "events.out.tfevents.1")
    assert len(log.runs[0].epochs) == 2
    assert log.warnings == ("the file is cut off or damaged; what comes before is read",)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, framed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "events"
    path.write_bytes(record(content) if framed else content)
    assert isinstance(read_events.answer(read_events.ReadEvents(str(path))), read_events.Events)


@given(st.floats(width=32))
def test_the_printed_number_is_the_stored_one(number: float) -> None:
    again = struct.pack("<f", float(read_events.shortest(number)))
    assert again == struct.pack("<f", number) or number != number
