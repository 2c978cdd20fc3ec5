"""Feedback delivered: against a local server that answers as the hosts' documented interfaces do."""

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.course import delivery, hosts
from grader.course.delivery import Message
from grader.course.lines import Line
from grader.course.roster import Member
from grader.ground.errors import GraderError
from grader.render import markdown
from tests.render.test_formats import EVIL, VERDICT

DUE = Assignment(id="hw4", title="Homework 4", points=45, criteria=())
LINE = Line(Member("AAA111", "https://github.com/ada/hw4", "Ada"), DUE, VERDICT)
KEY = b"secret"


class Server(BaseHTTPRequestHandler):
    """The comments of one issue: GitHub's and GitLab's paths, with the fields of their documentation."""

    def do_GET(self) -> None:
        store: Any = self.server
        if self.path == "/user":
            self.answer({"login": "course", "username": "course"})
        else:
            page = int(self.path.rpartition("page=")[2])
            self.answer(store.comments[100 * (page - 1) : 100 * page])

    def do_POST(self) -> None:
        store: Any = self.server
        if store.busy:
            store.busy -= 1
            self.send_response(429)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        store.comments.append(comment(len(store.comments), self.body(), "course"))
        self.answer(store.comments[-1])

    def do_PATCH(self) -> None:
        store: Any = self.server
        number = int(self.path.rpartition("/")[2])
        store.comments[number] = comment(number, self.body(), "course")
        self.answer(store.comments[number])

    do_PUT = do_PATCH

    def body(self) -> str:
        store: Any = self.server
        store.written.append((self.command, self.path))
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def answer(self, content: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


def comment(number: int, body: str, who: str) -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"login": who}, "author": {"username": who}}


@pytest.fixture
def server() -> Iterator[Any]:
    running: Any = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    running.comments = [comment(number, "a word", "ada") for number in range(130)]
    running.written, running.busy = [], 0
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def message(line: Line = LINE) -> Message:
    told = delivery.message(line, KEY)
    assert told
    return told


PLACES = {
    "github": ("/repos/ada/hw4/issues/1/comments", "PATCH", "/repos/ada/hw4/issues/comments/131"),
    "gitlab": ("/projects/ada%2Fhw4/issues/1/notes", "PUT", "/projects/ada%2Fhw4/issues/1/notes/131"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_message_is_written_once_and_renewed_when_it_is_another(server: Any, kind: str) -> None:
    """A student who copies the mark into a comment of their own changes nothing."""
    api = f"http://127.0.0.1:{server.server_port}"
    github = hosts.github(api, "t", "ada/hw4", 1)
    host = github if kind == "github" else hosts.gitlab(api, "t", "ada/hw4", "issues/1")
    told = message()
    server.comments.append(comment(130, f"mine {told.mark}", "ada"))
    assert delivery.deliver(told, host, really=False) == "would be written" and not server.written
    server.busy = 2
    assert delivery.deliver(told, host, really=True) == "written"
    assert delivery.deliver(told, host, really=True) == "unchanged"
    other = message(replace(LINE, verdict=replace(VERDICT, title="Homework four")))
    assert other.mark == told.mark
    assert delivery.deliver(other, host, really=False) == "would be renewed"
    assert delivery.deliver(other, host, really=True) == "renewed"
    created, method, updated = PLACES[kind]
    assert server.written == [("POST", created), (method, updated)]
    assert len(server.comments) == 132 and "Homework four" in server.comments[131]["body"]


def test_no_answer_and_no_permission_are_told(server: Any) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(GraderError, match="no answer"):
        hosts.github(f"http://127.0.0.1:{server.server_port}", "t", "ada/hw4", 1).comments()


def test_a_draft_opens_as_a_mail_to_be_sent() -> None:
    content = delivery.draft(message(), "aaa111@example.edu", "Árvíztűrő Ada")
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert (mail["To"], mail["X-Unsent"]) == ("Árvíztűrő Ada <aaa111@example.edu>", "1")
    assert "coursework-feedback" not in mail.get_content() and "10-30/45 points" in mail.get_content()
    assert not {"Date", "Message-ID", "Received"} & set(mail.keys())
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))


def test_nothing_of_a_student_is_markup_or_calls_anybody() -> None:
    results = (
        replace(VERDICT.results[1], findings=(replace(VERDICT.results[1].findings[0], message=EVIL),)),
    )
    text = message(replace(LINE, verdict=replace(VERDICT, results=results))).text
    assert "\x1b" not in text and "\u202e" not in text
    told = markdown.plain("@everyone [x](https://evil.example) <img src=x> `a` ![b](c)")
    assert "@e" not in told and "://" not in told and "\\[x\\]" in told and "\\<img" in told
