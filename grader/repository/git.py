"""Git on a repository of our own, with settings in which nothing of a submission can act."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader.ground.errors import GraderError, SubmissionError
from grader.repository import process
from grader.repository.complaints import last_line
from grader.repository.limits import Limits
from grader.repository.process import Bounds, Exceeded, Finished

OUTPUT_BYTES = 64_000_000

# What a machine needs to reach a host at all: proxies and certificates.
NETWORK = (
    *("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)

# Our own file instead of the user's and the system's.
SETTINGS = """\
[core]
    commitGraph = false
    bigFileThreshold = 20m
[fetch]
    fsckObjects = {fsck}
    recurseSubmodules = false
    unpackLimit = 1
    writeCommitGraph = false
[gc]
    auto = 0
[maintenance]
    auto = false
[http]
    lowSpeedLimit = 1000
    lowSpeedTime = 60
"""

# What git starts beside a source on this machine, in the source's own folder: it reads the settings there, so
# those that could act or hide something are overruled, and content may be left out as on a host.
UPLOAD_PACK = (
    "GIT_GRAFT_FILE=/nonexistent git -c safe.directory=* -c core.commitGraph=false -c core.fsmonitor=false"
    " -c uploadpack.allowFilter=true -c uploadpack.allowAnySHA1InWant=true upload-pack"
)


class Access(Struct, frozen=True):
    """A token for one host. Git is told it by a script of ours that answers for that host alone."""

    host: str
    token: str


def access_from(environment: Mapping[str, str]) -> Access | None:
    """The token in `GRADER_TOKEN`, for the host in `GRADER_TOKEN_HOST` or else GitHub."""
    token = environment.get("GRADER_TOKEN", "")
    return Access(environment.get("GRADER_TOKEN_HOST", "github.com"), token) if token else None


class Object(Struct, frozen=True):
    """An object as git stores it; `content` is None where the repository does not hold it."""

    oid: str
    kind: str
    content: bytes | None


class Git(Struct, frozen=True):
    """Runs git with `folder`, a bare repository that we made, as its only repository."""

    folder: Path
    limits: Limits
    protocol: str = ""
    access: Access | None = None

    def run(self, *arguments: str, given: bytes = b"", output_bytes: int = OUTPUT_BYTES) -> Finished:
        """One git command that uses no network.

        Raises:
            GraderError: git is not installed, or the command took longer than the limit.
            SubmissionError: it printed more than `output_bytes`.
        """
        return self._run(self.environment(), arguments, given, Bounds(self.limits.seconds, output_bytes))

    def online(self, *arguments: str, given: bytes = b"") -> Finished:
        """One git command that may use this repository's protocol and no other. Raises as `run` does."""
        network = {name: os.environ[name] for name in NETWORK if name in os.environ}
        environment = (
            self.environment() | network | self._credentials() | {"GIT_ALLOW_PROTOCOL": self.protocol}
        )
        limits = self.limits
        bounds = Bounds(limits.seconds, OUTPUT_BYTES, self.folder, limits.disk_bytes)
        return self._run(environment, arguments, given, bounds)

    def output(self, *arguments: str, given: bytes = b"", output_bytes: int = OUTPUT_BYTES) -> bytes:
        """What a command printed that works on every sound repository. Raises as `run` does."""
        finished = self.run(*arguments, given=given, output_bytes=output_bytes)
        if finished.status:
            raise SubmissionError(f"the repository cannot be read: {last_line(finished.complaint)}")
        return finished.output

    def objects(self, oids: Iterable[str], output_bytes: int) -> Iterator[Object]:
        """The objects named `oids`, in order, whole and unparsed: no replacement, no graft, no filter."""
        given = "".join(f"{oid}\n" for oid in oids).encode()
        data = self.output("cat-file", "--batch", given=given, output_bytes=output_bytes)
        at = 0
        while at < len(data):
            end = data.index(b"\n", at)
            oid, kind, *size = data[at:end].decode("ascii").split(" ")
            if not size:
                yield Object(oid, kind, None)
                at = end + 1
            else:
                at = end + 2 + int(size[0])
                yield Object(oid, kind, data[end + 1 : at - 1])

    def environment(self) -> dict[str, str]:
        """No variable of ours but the path reaches git, and no configuration but the settings above."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self.folder / "grader.settings"),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "false",
            "SSH_ASKPASS": "false",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        }

    def _credentials(self) -> dict[str, str]:
        if self.protocol == "ssh":
            return {name: os.environ[name] for name in ("SSH_AUTH_SOCK",) if name in os.environ}
        if self.access is None:
            return {}
        script = str(self.folder / "askpass")
        return {"GIT_ASKPASS": script, "GRADER_HOST": self.access.host, "GRADER_TOKEN": self.access.token}

    def _run(
        self, environment: dict[str, str], arguments: Sequence[str], given: bytes, bounds: Bounds
    ) -> Finished:
        try:
            return process.run(("git", f"--git-dir={self.folder}", *arguments), environment, bounds, given)
        except FileNotFoundError:
            raise GraderError("git is not installed, or not on the PATH") from None
        except Exceeded as reached:
            if reached.bound == "seconds":
                raise GraderError(f"git took longer than {bounds.seconds:g} s and was ended") from None
            if reached.bound == "disk_bytes":
                size = f"{bounds.disk_bytes / 1e9:g} GB"
                raise SubmissionError(f"the repository is larger than the {size} that are fetched") from None
            raise SubmissionError(f"the repository lists more than {bounds.output_bytes:,} bytes") from None
