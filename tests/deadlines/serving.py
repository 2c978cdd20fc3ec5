"""A real HTTP server on this machine that answers as a test tells it to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.listening import Silent, listening


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[str]:
    """Serves `answer` at the address that is yielded."""

    class Handler(Silent, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = answer(
                Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_GET

    with listening(Handler) as address:
        yield address
