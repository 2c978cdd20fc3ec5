"""GitHub's own record of pushes, by GitHub's clock: `GET /repos/{owner}/{repo}/activity`."""

from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from grader.deadlines import Gathered, Observation, Subject
from grader.ground.errors import GraderError
from grader.intake.clocks.host import web
from grader.intake.clocks.host.web import Client

API = "https://api.github.com"


class Activity(Struct, frozen=True):
    """One change of a ref. The ids are all zeros where the ref was not there before or is not there after."""

    before: str
    after: str
    ref: str
    timestamp: datetime


class GitHub(Struct, frozen=True):
    """The activity of the submission's branch. `path` is `owner/repository`."""

    path: str
    token: str = ""
    api: str = API
    client: Client = Client()

    def gather(self, subject: Subject) -> Gathered:
        """Each change as two facts: what the branch ended at just before, and what it ended at then.

        Raises:
            GraderError: as `web.pages`, or an answer of another form.
        """
        ref = f"refs/heads/{subject.branch}"
        query = urlencode({"ref": ref, "per_page": 100, "direction": "asc"})
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        client = Client(headers, self.client.patience, self.client.sleep)
        observations: list[Observation] = []
        for page in web.pages(f"{self.api}/repos/{quote(self.path)}/activity?{query}", client):
            for each in _decode(page):
                if each.ref == ref:
                    observations += change("GitHub", each.timestamp, each.before, each.after)
        return Gathered(tuple(observations))


def change(source: str, moment: datetime, before: str, after: str) -> tuple[Observation, Observation]:
    """A push as two looks: the second before it and its own second."""
    at = int(moment.timestamp())
    return (
        Observation(source, at - 1, at - 1, before.strip("0") and before),
        Observation(source, at, at, after.strip("0") and after),
    )


def _decode(page: bytes) -> list[Activity]:
    try:
        return msgspec.json.decode(page, type=list[Activity])
    except msgspec.DecodeError as error:
        raise GraderError(f"GitHub's activity has another form than documented: {error}") from None
