"""`grader send`: feedback as files, mail drafts, or comments. Nothing leaves without --really."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from grader.cli import assignments, course
from grader.course import audience, delivery, hosts, kept, lines
from grader.course.delivery import Host, Message
from grader.course.lines import Line
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.repository import address


def send(arguments: Namespace) -> int:
    """Exit status 0 when everybody was told, or would be; 4 when somebody could not."""
    due = assignments.due(arguments.assignment)
    opened = course.opened(arguments)
    key = audience.secret(arguments.evidence_dir)
    missed = 0
    for line in lines.lines(opened, due):
        told = delivery.message(line, key)
        if arguments.student not in ("", line.member.student):
            continue
        try:
            done = _one(arguments, line, told) if told else f"nothing to send: {line.trouble or line.outcome}"
        except (GraderError, ValueError) as trouble:
            missed += 1
            done = f"not sent: {trouble}"
        print(visible(f"{line.member.student}: {done}"))
    if not arguments.really:
        print("nothing was sent: look at it, then add --really", file=sys.stderr)
    return 4 if missed else 0


def _one(arguments: Namespace, line: Line, told: Message) -> str:
    if arguments.by in ("files", "mail"):
        mails = arguments.by == "mail"
        content = (
            delivery.draft(told, _mail(arguments, line), line.member.name) if mails else told.text.encode()
        )
        place = kept.place(arguments.to, line.member.student).path
        return _written(place.with_suffix(".eml" if mails else ".md"), content, arguments.really)
    return delivery.deliver(told, _host(arguments, line), arguments.really)


def _written(path: Path, content: bytes, really: bool) -> str:
    if path.exists() and path.read_bytes() == content:
        return "unchanged"
    if really:
        whole_file.write(path, content)
    return f"{'written' if really else 'would be written'}: {path}"


def _mail(arguments: Namespace, line: Line) -> str:
    if "@" not in arguments.address or "{student}" not in arguments.address:
        raise GraderError("say where students read mail: --address '{student}@example.edu'")
    return str(arguments.address).replace("{student}", line.member.student.lower())


def _host(arguments: Namespace, line: Line) -> Host:
    token = os.environ.get("GRADER_TOKEN", "")
    if not token:
        raise GraderError("comments need a token in GRADER_TOKEN")
    host, _, path = address.located(line.member.url).partition("/")
    if arguments.by == "github":
        return hosts.github(arguments.api or "https://api.github.com", token, path, arguments.number)
    what = "merge_requests" if arguments.by == "gitlab-merge-request" else "issues"
    api = arguments.api or f"https://{host}/api/v4"
    return hosts.gitlab(api, token, path, f"{what}/{arguments.number}")
