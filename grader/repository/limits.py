"""How much of a repository the grader is willing to look at."""

from msgspec import Struct


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Generous for coursework (the median repository has 27 files and 24 commits), small for a bomb."""

    seconds: float = 300.0  # one git process
    disk_bytes: int = 2_000_000_000  # all that is fetched
    branches: int = 1_000
    receipts: int = 200  # that are fetched, those of the newest commits; of the others the names are known
    commits: int = 200_000
    history_bytes: int = 256_000_000  # all commit objects together
    entries: int = 20_000  # files of one commit
    depth: int = 40  # folders above a file
    path_bytes: int = 400  # of one name, folders included
    file_bytes: int = 100_000_000
    tree_bytes: int = 1_000_000_000  # all files of one commit that are fetched before a check asks for them
