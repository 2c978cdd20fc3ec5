"""Reads submissions from stdin, lets a child answer for each, and writes a line of JSON for each to stdout.

Three processes share the work, so that nobody's code meets anybody else's:
this one reads the submissions and forwards answers; it never runs one. The warm one, which has imported
PyTorch, never sees a submission: it forks a child for each, whose memory is therefore clean. The child gets
its submission through a pipe, and answers through another one. Children run one after the other, and what a
child leaves behind (processes, files) is gone before the next one starts.
"""

import base64
import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Any

from . import warm

LENGTH = struct.Struct(">I")
ANSWER_BYTES = 16 << 20  # of one submission


def main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    opening = json.loads(next(_frames()))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        ours.close()
        out.close()
        warm.serve(theirs, opening)
    theirs.close()
    if ours.recv(64):  # it is ready; nothing comes where it could not import what it needs
        _answer_all(ours, opening["seconds"], out)


def _answer_all(zygote: socket.socket, seconds: float, out: Any) -> None:
    for frame in _frames():
        began = time.monotonic()
        ended, content = _ask(zygote, frame, seconds)
        answer = {
            "ended": ended,
            "seconds": time.monotonic() - began,
            "content": base64.b64encode(content).decode(),
        }
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


def _frames() -> Iterator[bytes]:
    """What is on stdin, a piece with its length before it at a time."""
    while len(head := _read(LENGTH.size)) == LENGTH.size:
        yield _read(*LENGTH.unpack(head))


def _read(size: int) -> bytes:
    content = b""
    while len(content) < size and (more := os.read(0, size - len(content))):
        content += more
    return content


def _ask(zygote: socket.socket, frame: bytes, seconds: float) -> tuple[str, bytes]:
    """How the child ended ("" where it answered to the end), and what it had answered until then."""
    question, asking = os.pipe()
    answering, answer = os.pipe()
    socket.send_fds(zygote, [b"fork"], [question, answer])
    os.close(question)
    os.close(answer)
    child = int(zygote.recv(64))
    try:
        content, cut_short = _exchange((asking, frame), answering, zygote, time.monotonic() + seconds)
    finally:
        os.close(answering)
    if cut_short:
        _kill(child)
    status = int(zygote.recv(64))
    return cut_short or _in_words(status), content


def _exchange(
    question: tuple[int, bytes], answering: int, zygote: socket.socket, deadline: float
) -> tuple[bytes, str]:
    """What the child answers until the warm process says that it ended, and why it has to be ended before.

    By then everything that the child left behind was killed: nobody holds the pipe any more.
    """
    asking, frame = question
    os.set_blocking(asking, False)
    content = bytearray()
    with DefaultSelector() as selector:
        selector.register(asking, EVENT_WRITE)
        selector.register(answering, EVENT_READ)
        selector.register(zygote, EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            ready = {key.fd for key, _ in selector.select(left)}
            if asking in ready:
                frame = _feed(asking, frame)
                if not frame:
                    selector.unregister(asking)
                    os.close(asking)
                    asking = -1
            if answering in ready:
                more = os.read(answering, 1 << 16)
                content += more
                if not more:
                    selector.unregister(answering)
                if len(content) > ANSWER_BYTES:
                    break
            elif zygote.fileno() in ready:
                break
    if asking >= 0:
        os.close(asking)
    if len(content) > ANSWER_BYTES:
        return b"", "too much output"
    return bytes(content), "" if left > 0 else "timed out"


def _feed(asking: int, frame: bytes) -> bytes:
    """What is left of the frame to send. A child that does not want it gets nothing more."""
    try:
        return frame[os.write(asking, frame) :]
    except BlockingIOError:
        return frame
    except BrokenPipeError:
        return b""


def _kill(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _in_words(status: int) -> str:
    if status == 0:
        return ""
    if status < 0:
        return "out of time" if -status == signal.SIGXCPU else f"was ended by {signal.Signals(-status).name}"
    return f"ended itself with status {status}"


if __name__ == "__main__":
    main()
    sys.exit()
