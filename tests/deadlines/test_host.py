"""The hosts' own records, from a real server that answers in the documented shapes."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from grader.deadlines import Observation, Subject
from grader.ground.errors import GraderError
from grader.intake.clocks import host
from grader.intake.clocks.host import GitHub, GitLab
from grader.intake.clocks.host.web import Client
from tests.deadlines.serving import Answer, Request, serving

A, B, C, NOTHING = "a" * 40, "b" * 40, "c" * 40, "0" * 40
SUBJECT = Subject("https://github.com/ada/hw4", "main")
AT = 1605049199  # 2020-11-10T22:59:59Z


def activity(
    number: int, kind: str, before: str, after: str, ref: str = "refs/heads/main"
) -> dict[str, object]:
    """As GitHub documents it: `GET /repos/{owner}/{repo}/activity`."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(AT + 60 * number))
    actor = {"login": "ada", "id": 1, "node_id": "MDQ6VXNlcjE=", "type": "User", "site_admin": False}
    return {
        "id": 1296269 + number,
        "node_id": "PSH_kw",
        "before": before,
        "after": after,
        "ref": ref,
        "timestamp": moment,
        "activity_type": kind,
        "actor": actor,
    }


ACTIVITIES = [
    activity(-3, "branch_creation", NOTHING, A),
    activity(-2, "push", A, B),
    activity(-1, "push", NOTHING, C, "refs/heads/side"),
    activity(1, "force_push", B, C),
    activity(2, "branch_deletion", C, NOTHING),
]


def pairs(source: str, *changes: tuple[int, str, str]) -> tuple[Observation, ...]:
    return tuple(
        observation
        for at, before, after in changes
        for observation in (
            Observation(source, AT + at - 1, AT + at - 1, before),
            Observation(source, AT + at, AT + at, after),
        )
    )


class GitHubServer:
    """Two activities a page; `refusals` are answered first."""

    def __init__(self, *refusals: Answer) -> None:
        self.refusals = list(refusals)
        self.asked: list[Request] = []
        self.base = ""

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.refusals:
            return self.refusals.pop(0)
        query = parse_qs(urlsplit(request.path).query)
        start = int(query.get("after", ["0"])[-1])
        following = f"{urlsplit(request.path).query}&after={start + 2}"
        link = f'<{self.base}/repositories/1/activity?{following}>; rel="next"'
        first = f'<{self.base}/first>; rel="first"'
        headers = {"Link": f"{first}, {link}" if start + 2 < len(ACTIVITIES) else first}
        return Answer(json.dumps(ACTIVITIES[start : start + 2]).encode(), headers=headers)


@contextmanager
def github(*refusals: Answer, patience: float = 1000.0) -> Iterator[tuple[GitHub, GitHubServer, list[float]]]:
    server, waits = GitHubServer(*refusals), list[float]()
    with serving(server) as base:
        server.base = base
        yield GitHub("ada/hw4", "sesame", base, Client(patience=patience, sleep=waits.append)), server, waits


def test_github_with_pages_a_force_push_and_a_deletion() -> None:
    with github() as (source, server, _):
        gathered = source.gather(SUBJECT)
    assert gathered.observations == pairs("GitHub", (-180, "", A), (-120, A, B), (60, B, C), (120, C, ""))
    assert len(server.asked) == 3
    assert server.asked[0].path.startswith("/repos/ada/hw4/activity?")
    assert parse_qs(urlsplit(server.asked[0].path).query)["ref"] == ["refs/heads/main"]
    assert all(request.headers["authorization"] == "Bearer sesame" for request in server.asked)


@pytest.mark.parametrize(
    ("refusal", "least", "most"),
    [
        (Answer(status=429, headers={"Retry-After": "7"}), 7, 7),
        (Answer(status=403, headers={"Retry-After": "60"}), 60, 60),
        (Answer(status=502), 1, 2),
    ],
)
def test_github_waits_as_long_as_it_is_asked_to(refusal: Answer, least: float, most: float) -> None:
    with github(refusal) as (source, server, waits):
        assert len(source.gather(SUBJECT).observations) == 8
    assert len(server.asked) == 4
    assert [least <= wait <= most for wait in waits] == [True]


def test_github_waits_until_the_moment_that_it_names() -> None:
    reset = str(int(time.time()) + 300)
    refusal = Answer(status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
    with github(refusal) as (source, _, waits):
        assert len(source.gather(SUBJECT).observations) == 8
    assert [0 < wait <= 301 for wait in waits] == [True]


@pytest.mark.parametrize(
    ("refusals", "words"),
    [
        ([Answer(status=404)], "knows no such repository, or the token does not give access"),
        ([Answer(status=401)], "refuses access: check the token"),
        ([Answer(status=403)], "refuses access: check the token"),
        (
            [Answer(status=403, headers={"Retry-After": "3600"})],
            "allows no more questions for 60 min; ask again then",
        ),
        (
            [Answer(status=429, headers={"Retry-After": "1"})] * 9,
            "allows no more questions now; ask again later",
        ),
        ([Answer(b"<html>")], "another form than documented"),
        ([Answer(b'[{"before": 1}]')], "another form than documented"),
        (
            [Answer(b"[]", headers={"Link": '<https://evil.example/x>; rel="next"'})],
            "another host, evil.example",
        ),
        ([Answer(status=301, headers={"Location": "https://evil.example/x"})], "another host, evil.example"),
        ([Answer(status=418)], "answers with status 418"),
    ],
)
def test_github_refuses_in_one_sentence(refusals: list[Answer], words: str) -> None:
    with github(*refusals) as (source, _, _), pytest.raises(GraderError) as refused:
        source.gather(SUBJECT)
    assert words in str(refused.value)
    assert "sesame" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_renamed_repository_is_followed_on_the_same_host() -> None:
    with github() as (source, server, _):
        server.refusals.append(
            Answer(status=301, headers={"Location": f"{server.base}/repositories/1/activity"})
        )
        assert len(source.gather(SUBJECT).observations) == 8


def test_nobody_answers() -> None:
    with serving(lambda _: Answer()) as base:
        pass
    with pytest.raises(GraderError, match="does not answer: .*refused"):
        GitHub("ada/hw4", api=base).gather(SUBJECT)


def event(number: int, push: dict[str, object] | None, name: str = "pushed to") -> dict[str, object]:
    """As GitLab documents it: `GET /projects/:id/events`."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(AT + 60 * number)) + ".500Z"
    author = {"id": 1, "name": "Ada", "username": "ada", "state": "active", "avatar_url": None}
    return {
        "id": 100 + number,
        "title": None,
        "project_id": 15,
        "action_name": name,
        "target_id": None,
        "target_iid": None,
        "target_type": None,
        "author_id": 1,
        "target_title": None,
        "created_at": moment,
        "author": author,
        "imported": False,
        "push_data": push,
        "author_username": "ada",
    }


def push(
    before: str | None, after: str | None, ref: str | None = "main", kind: str = "branch"
) -> dict[str, object]:
    return {
        "commit_count": 1,
        "action": "pushed",
        "ref_type": kind,
        "commit_from": before,
        "commit_to": after,
        "ref": ref,
        "commit_title": "work",
        "ref_count": None,
    }


def test_gitlab_with_pages_and_other_events() -> None:
    events = [
        [event(-3, push(None, A), "pushed new"), event(-2, push(A, B))],
        [event(-1, push(None, C, "v1", "tag")), event(0, push(None, C, "side")), event(0, None, "opened")],
        [event(0, push(None, None, None)), event(1, push(B, C)), event(2, push(C, None), "deleted")],
    ]
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        page = int(parse_qs(urlsplit(request.path).query).get("page", ["1"])[0])
        link = f'<{base}/projects/group%2Fhw4/events?page={page + 1}>; rel="next"' if page < 3 else ""
        return Answer(
            json.dumps(events[page - 1]).encode(), headers={"Link": link, "X-Next-Page": str(page + 1)}
        )

    with serving(answer) as base:
        gathered = GitLab("group/hw4", "sesame", base).gather(Subject("https://gitlab.com/group/hw4", "main"))
    assert gathered.observations == pairs("GitLab", (-180, "", A), (-120, A, B), (60, B, C), (120, C, ""))
    assert gathered.troubles == ("GitLab names no commits for 1 pushes of many branches.",)
    assert asked[0].path.startswith("/projects/group%2Fhw4/events?action=pushed")
    assert all(request.headers["private-token"] == "sesame" for request in asked)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/ada/hw4.git", GitHub("ada/hw4")),
        ("git@github.com:ada/hw4.git", GitHub("ada/hw4")),
        ("https://gitlab.com/course/2020/ada", GitLab("course/2020/ada")),
        ("https://git.example.edu/ada/hw4", None),
        ("/home/ada/hw4", None),
    ],
)
def test_which_host_keeps_a_record(url: str, expected: object) -> None:
    assert host.source(url) == expected


def test_a_host_of_ones_own() -> None:
    found = host.source("https://git.example.edu/ada/hw4", "x", "https://git.example.edu/api/v4", "gitlab")
    assert found == GitLab("ada/hw4", "x", "https://git.example.edu/api/v4")
