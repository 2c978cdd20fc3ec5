"""The table of checks: an assignment names them by their keys. A new check is one file and one line here."""

from grader.checks.deadline import Deadline
from grader.checks.protocol import Check
from grader.checks.required_files import RequiredFiles
from grader.checks.splits import Splits

TABLE: dict[str, type[Check]] = {
    "deadline": Deadline,
    "required_files": RequiredFiles,
    "splits": Splits,
}
