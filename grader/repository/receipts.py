"""Receipts that came with a repository: who vouches that a commit existed, and since when.

`make submit` leaves them at `refs/receipts/<commit id>`: a commit cannot hold the receipt for itself, and a
ref of its own travels with the repository without touching a branch. Its files are verified here, offline,
with the programs that made them: `openssl` for RFC 3161 time stamps, `ssh-keygen` for signed receipts.
"""

import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.deadlines.evidence import Gathered, Observation, Subject
from grader.ground.errors import SubmissionError
from grader.repository import process, trees
from grader.repository.fetching import Fetched
from grader.repository.process import Bounds, Exceeded, Finished

MOST = 40  # receipts of one repository that are verified, at about 50 ms each; the rest is left out
FILES = 3  # of one receipt: a time stamp, a statement and its signature
FILE_BYTES = 64_000  # a time stamp has 1 to 8 kB
NAMESPACE = "coursework-receipt"
SIGNER = "course"
_SHA = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_GENERATED = re.compile(r"^Time stamp: (\w{3} +\d+ [\d:]+)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE)


class Statement(Struct, frozen=True):
    """What a course's signer states: it received this commit id at this moment (ISO 8601 with a zone)."""

    sha: str
    received_at: datetime


class Receipts(Struct, frozen=True):
    """Receipts as a source of evidence.

    `authority` is the file with the certificates that the course trusts for time stamps (PEM), `signers` the
    course's own keys as ssh-keygen's allowed signers file, with the name `course`. An empty path: none.
    """

    authority: Path | None = None
    signers: Path | None = None

    def gather(self, subject: Subject) -> Gathered:
        """What the receipts prove; a receipt that does not hold is told, and proves nothing."""
        observations: list[Observation] = []
        known = [sha for sha in subject.commits if sha in subject.receipts]
        troubles = list(_left_out(len(known), len(subject.receipts)))
        for sha in known[:MOST]:
            files = subject.receipts[sha]
            for name, content in sorted(files.items()):
                try:
                    found = self._verified(sha, name, content, files)
                except _Unfit as unfit:
                    troubles.append(f"The receipt {name} for {sha[:7]} does not count: {unfit}.")
                    continue
                if found:
                    source, moment = found
                    observations.append(Observation(source, moment, moment, sha, tip=False))
        return Gathered(tuple(observations), tuple(troubles))

    def _verified(
        self, sha: str, name: str, content: bytes, files: Mapping[str, bytes]
    ) -> tuple[str, int] | None:
        if name.endswith(".tsr") and self.authority:
            return "the time stamp authority", stamped(sha, content, self.authority)
        if name.endswith(".json") and self.signers:
            return "the course's receipt", signed(sha, content, files.get(f"{name}.sig", b""), self.signers)
        return None


def _left_out(known: int, given: int) -> Iterator[str]:
    if given > known:
        yield f"{given - known} receipts name commits that are not in this history, and prove nothing."
    if known > MOST:
        yield f"There are {known} receipts; the {MOST} of the newest commits were looked at."


class _Unfit(Exception):
    """Why a receipt proves nothing."""


def read(fetched: Fetched, commits: Collection[str]) -> dict[str, dict[str, bytes]]:
    """The files of each receipt by commit id. Only those are read that `gather` looks at, newest first."""
    receipts = {sha: commit for sha, commit in fetched.refs.receipts.items() if _SHA.fullmatch(sha)}
    known = [sha for sha in commits if receipts.get(sha)][:MOST]
    return {sha: {} for sha in receipts} | {sha: dict(_files(fetched, receipts[sha])) for sha in known}


def _files(fetched: Fetched, commit: str) -> Iterator[tuple[str, bytes]]:
    try:
        tree = trees.tree(fetched, commit)
        for path, size in list(tree.sizes().items())[:FILES]:
            if 0 < size <= FILE_BYTES:
                yield path, tree.read(path)
    except SubmissionError:
        return


def message(sha: str) -> bytes:
    """What is stamped: the commit id on a line of its own."""
    return f"{sha}\n".encode("ascii")


def stamped(sha: str, reply: bytes, authority: Path) -> int:
    """The moment that an RFC 3161 reply states for a commit id. Raises _Unfit if it does not hold.

    Only the token in it is signed. The status around it is text of whoever brought the reply, so the token
    alone is read and verified.
    """
    with tempfile.TemporaryDirectory() as folder:
        data, whole, token = (Path(folder, name) for name in ("message", "reply.tsr", "token"))
        data.write_bytes(message(sha))
        whole.write_bytes(reply)
        taken = _run("openssl", "ts", "-reply", "-in", str(whole), "-token_out", "-out", str(token))
        given = ("-in", str(token), "-token_in")
        text = _run("openssl", "ts", "-reply", *given, "-text")
        generated = _GENERATED.search(text.output.decode("utf-8", "replace"))
        if taken.status or text.status or generated is None:
            raise _Unfit("it is no time stamp reply")
        moment = datetime.strptime(f"{generated[1]} {generated[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        seconds = int(moment.timestamp())
        # Certificates are judged as of the stamp: they run out long before anybody appeals.
        trust = ("-CAfile", str(authority), "-untrusted", str(authority), "-attime", str(seconds))
        checked = _run("openssl", "ts", "-verify", "-data", str(data), *given, *trust)
        if checked.status:
            raise _Unfit("it is for another commit, or from an authority that the course does not name")
    return seconds


def signed(sha: str, statement: bytes, signature: bytes, signers: Path) -> int:
    """The moment that a course's signer states for a commit id. Raises _Unfit if it does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "receipt.sig")
        file.write_bytes(signature)
        trust = ("-f", str(signers), "-I", SIGNER, "-n", NAMESPACE, "-s", str(file))
        if _run("ssh-keygen", "-Y", "verify", *trust, given=statement).status:
            raise _Unfit("its signature is not the course's")
    try:
        stated = msgspec.json.decode(statement, type=Statement)
    except msgspec.DecodeError:
        raise _Unfit("it states no commit and moment") from None
    if stated.sha != sha or stated.received_at.tzinfo is None:
        raise _Unfit("it is for another commit")
    return int(stated.received_at.timestamp())


def _run(*command: str, given: bytes = b"") -> Finished:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/nonexistent"}
    try:
        return process.run(command, environment, Bounds(10.0, 1_000_000), given)
    except FileNotFoundError:
        raise _Unfit(f"{command[0]} is not installed here") from None
    except Exceeded:
        raise _Unfit("it takes too long to verify") from None
