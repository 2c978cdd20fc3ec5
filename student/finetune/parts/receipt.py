"""Get a receipt for what you handed in: somebody else's clock vouches that your commit existed.

The date inside a commit is only what your own computer said. So after the push we send the commit's id, a
number that tells nothing about its content, to an authority that signs it together with the time. The receipt
is kept in your repository as `refs/receipts/<commit id>`, beside your branches and not inside them: a commit
cannot contain its own receipt, and a further commit only for the receipt would be one more commit to grade.

Needs nothing but git and openssl. Without a receipt your work is handed in all the same.
"""

import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20  # for each answer
LARGEST = 64_000  # bytes; a time stamp has a few thousand


@dataclass(frozen=True)
class Settings:
    """Who is asked. An empty address is not asked."""

    authority: str = ""  # a time stamp authority (RFC 3161), such as https://tsa.example.edu/
    signer: str = ""  # the course's own signer of receipts
    remote: str = "origin"  # where the receipt is pushed to, as your work is


class NoReceipt(Exception):
    """Why there is none, in words."""


def obtain(repository: Path, sha: str, settings: Settings) -> list[str]:
    """Ask for the receipts of the commit `sha`, keep and push them. Returns lines to print; never fails."""
    files = kept(repository, sha, settings.remote)
    lines = []
    try:
        # The first receipt is the best one: it is never replaced by a later one.
        if settings.authority and "time.tsr" not in files:
            files |= {"time.tsr": time_stamp(sha, settings.authority)}
        if settings.signer and "course.json" not in files:
            files |= signed_receipt(sha, settings.signer)
    except NoReceipt as reason:
        lines.append(f"  receipt   not all: {reason}. Your work is handed in; only the receipt is missing.")
    if files:
        lines.append(keep_and_push(repository, sha, files, settings.remote))
    return lines


def time_stamp(sha: str, authority: str) -> bytes:
    """The authority's signed answer for a commit id, as RFC 3161 defines it."""
    with tempfile.TemporaryDirectory() as folder:
        message, query, reply = (Path(folder, name) for name in ("message", "query.tsq", "reply.tsr"))
        message.write_bytes(f"{sha}\n".encode())
        # -cert asks the authority to put its certificate into the answer, so that it can be verified offline.
        run("openssl", "ts", "-query", "-data", str(message), "-sha256", "-cert", "-out", str(query))
        reply.write_bytes(post(authority, query.read_bytes(), "application/timestamp-query"))
        told = run("openssl", "ts", "-reply", "-in", str(reply), "-text").decode("utf-8", "replace")
        if not re.search(r"^Status: Granted", told, re.MULTILINE):
            raise NoReceipt("it refused")
        return reply.read_bytes()


def signed_receipt(sha: str, signer: str) -> dict[str, bytes]:
    """The receipt of the course's own signer, and its signature."""
    answer = post(signer, json.dumps({"sha": sha}).encode(), "application/json")
    try:
        told = json.loads(answer)
        receipt, signature = str(told["receipt"]), str(told["signature"])
    except (ValueError, KeyError, TypeError):
        raise NoReceipt("its answer is no receipt") from None
    if sha not in receipt:
        raise NoReceipt("its answer is for another commit")
    return {"course.json": receipt.encode(), "course.json.sig": signature.encode()}


def post(address: str, content: bytes, kind: str) -> bytes:
    """Send `content` and return the answer."""
    request = urllib.request.Request(address, content, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return bytes(answer.read(LARGEST))
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as trouble:
        raise NoReceipt(f"it cannot be reached ({getattr(trouble, 'reason', trouble)})") from None


def kept(repository: Path, sha: str, remote: str) -> dict[str, bytes]:
    """The receipts of a commit that this repository or its remote already holds."""
    ref = f"refs/receipts/{sha}"
    if found(repository, "fetch", "--quiet", remote, f"{ref}:{ref}") is None and not found(
        repository, "rev-parse", "--verify", "--quiet", ref
    ):
        return {}
    names = git(repository, "ls-tree", "--name-only", ref).decode().split()
    return {name: git(repository, "cat-file", "blob", f"{ref}:{name}") for name in names}


def keep_and_push(repository: Path, sha: str, files: dict[str, bytes], remote: str) -> str:
    """Store the receipts in the repository and push them; returns a line to print."""
    ref = f"refs/receipts/{sha}"
    try:
        rows = []
        for name, content in sorted(files.items()):
            blob = git(repository, "hash-object", "-w", "--stdin", given=content).decode().strip()
            rows.append(f"100644 blob {blob}\t{name}\n")
        tree = git(repository, "mktree", given="".join(rows).encode()).decode().strip()
        earlier = found(repository, "rev-parse", "--verify", "--quiet", ref)
        if earlier is None or found(repository, "diff-tree", "--quiet", ref, tree) is None:
            parent = ("-p", earlier.decode().strip()) if earlier else ()
            commit = (
                git(repository, "commit-tree", tree, *parent, "-m", f"Receipts for {sha}").decode().strip()
            )
            git(repository, "update-ref", ref, commit)
        git(repository, "push", "--quiet", remote, f"{ref}:{ref}")
    except NoReceipt as reason:
        return f"  receipt   {', '.join(files)}: could not be stored and pushed: {reason}"
    return f"  receipt   {', '.join(files)} at {ref}"


def found(repository: Path, *arguments: str) -> bytes | None:
    """What git prints; None where it says no."""
    try:
        return git(repository, *arguments)
    except NoReceipt:
        return None


def git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    return run("git", "-C", str(repository), *arguments, given=given)


def run(*command: str, given: bytes = b"") -> bytes:
    """What a program prints; NoReceipt with its last words if it fails or is not there."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=120)
    except (FileNotFoundError, subprocess.TimeoutExpired) as trouble:
        reason = "is not installed" if isinstance(trouble, FileNotFoundError) else "takes too long"
        raise NoReceipt(f"{command[0]} {reason}") from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it failed"]
        raise NoReceipt(f"{command[0]} says: {words[-1]}")
    return done.stdout
