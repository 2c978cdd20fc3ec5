"""A git host on this machine: git's own server program behind a real HTTP server."""

import base64
import gzip
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.listening import Silent, listening


@dataclass
class Host:
    """Serves the repositories in `root`. `token` is asked for if it is not empty; `delay` is in seconds.

    While `answers` is not set, it listens and says nothing.
    """

    root: Path
    address: str = ""
    token: str = ""
    delay: float = 0.0
    answers: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    asked: list[str] = field(default_factory=list)


def respond(host: Host, request: BaseHTTPRequestHandler) -> None:
    host.answers.wait()
    time.sleep(host.delay)
    host.asked.append(request.path)
    given = base64.b64encode(f"x-access-token:{host.token}".encode()).decode()
    if host.token and request.headers.get("Authorization") != f"Basic {given}":
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="git"')
        request.end_headers()
        return
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    path, _, query = request.path.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(host.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
        "GIT_CONFIG_VALUE_0": "true",
        "REQUEST_METHOD": request.command,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, env=environment, check=True
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    request.send_response(int(headers.pop("Status", "200").split()[0]))
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)
    host.sent += len(content)


@contextmanager
def hosting(root: Path) -> Iterator[Host]:
    host = Host(root)
    host.answers.set()

    class Handler(Silent, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            respond(host, self)

        do_POST = do_GET

    with listening(Handler) as host.address:
        try:
            yield host
        finally:
            host.answers.set()
