"""Files that the grader hands out; evidence is read with every field checked."""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.ground import persons, whole_file
from grader.ground.errors import GraderError
from grader.ground.verdict import SCHEMA, Evidence


def name(evidence: Evidence) -> str:
    """A file name for evidence that nobody named: assignment, repository and commit."""
    address = persons.masked(evidence.url.removesuffix(".git"), evidence.student)
    repository = re.sub(r"[^A-Za-z0-9]+", "-", address)[-60:].strip("-")
    sha = evidence.commit.sha[:7] if evidence.commit else "no-commit"
    return f"{Path(evidence.assignment).stem}-{repository}-{sha}.json"


def save(path: Path, evidence: Evidence) -> None:
    """Writes evidence as indented JSON. Raises GraderError."""
    write(path, msgspec.json.format(msgspec.json.encode(evidence), indent=2).decode() + "\n")


def write(path: Path, text: str) -> None:
    """Writes a file whole or not at all. Raises GraderError."""
    try:
        whole_file.write(path, text.encode())
    except OSError as trouble:
        raise GraderError(f"{path} cannot be written: {trouble.strerror}") from None


class _Heading(Struct):
    """Whatever form evidence has or had, it says which one."""

    schema: int


def load(path: Path) -> Evidence:
    """Raises GraderError: not there, or not evidence of this schema."""
    try:
        content = path.read_bytes()
        schema = msgspec.json.decode(content, type=_Heading).schema
        if schema != SCHEMA:
            raise GraderError(
                f"{path}: evidence of schema {schema}, this grader reads {SCHEMA}; collect it again"
            )
        return msgspec.json.decode(content, type=Evidence)
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name a file that grader collect wrote") from None
    except (msgspec.DecodeError, RecursionError) as trouble:
        raise GraderError(f"{path} is not evidence: {trouble}; collect it again") from None
