"""GitLab's own record of pushes, by GitLab's clock: `GET /projects/:id/events?action=pushed`."""

from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from grader.deadlines import Gathered, Observation, Subject
from grader.ground.errors import GraderError
from grader.intake.clocks.host import web
from grader.intake.clocks.host.github import change
from grader.intake.clocks.host.web import Client

API = "https://gitlab.com/api/v4"


class PushData(Struct, frozen=True):
    """What was pushed. An id is null where the ref was not there, or where many refs were pushed at once."""

    ref_type: str = ""  # branch, tag
    ref: str | None = None
    commit_from: str | None = None
    commit_to: str | None = None


class Event(Struct, frozen=True):
    """One event of a project; only pushes have data."""

    created_at: datetime
    push_data: PushData | None = None


class GitLab(Struct, frozen=True):
    """The pushes to the submission's branch. `path` is `group/project`."""

    path: str
    token: str = ""
    api: str = API
    client: Client = Client()

    def gather(self, subject: Subject) -> Gathered:
        """Each push as two facts: what the branch ended at just before, and what it ended at then.

        Raises:
            GraderError: as `web.pages`, or an answer of another form.
        """
        query = urlencode({"action": "pushed", "sort": "asc", "per_page": 100})
        headers = {"PRIVATE-TOKEN": self.token} if self.token else {}
        client = Client(headers, self.client.patience, self.client.sleep)
        observations: list[Observation] = []
        unclear = 0
        for page in web.pages(f"{self.api}/projects/{quote(self.path, safe='')}/events?{query}", client):
            for event in _decode(page):
                push = event.push_data
                if push and push.ref is None:
                    unclear += 1
                elif push and push.ref_type == "branch" and push.ref == subject.branch:
                    observations += change(
                        "GitLab", event.created_at, push.commit_from or "", push.commit_to or ""
                    )
        troubles = (f"GitLab names no commits for {unclear} pushes of many branches.",) if unclear else ()
        return Gathered(tuple(observations), troubles)


def _decode(page: bytes) -> list[Event]:
    try:
        return msgspec.json.decode(page, type=list[Event])
    except msgspec.DecodeError as error:
        raise GraderError(f"GitLab's events have another form than documented: {error}") from None
