"""Tables of a submission as rows: as many columns as a person could mean, and no more."""

import csv
import io

COLUMNS = 1_000


class TooWide(csv.Error):
    """More columns than are read: what short lines lack of them is filled in for each, without end."""


def reader(text: str) -> "csv.DictReader[str]":
    """The rows below the headings; what a row has beyond them stands under "". Raises csv.Error."""
    found = csv.DictReader(io.StringIO(text), restkey="", restval="", strict=True)
    if len(found.fieldnames or ()) > COLUMNS:
        raise TooWide(f"{len(found.fieldnames or ()):,} columns, at most {COLUMNS:,} are read")
    return found
