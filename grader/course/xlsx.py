"""Workbooks as other programs write them. Needs openpyxl (the extra `xlsx`)."""

import io
from types import ModuleType
from typing import Any

from grader.ground.errors import GraderError


def module() -> ModuleType:
    try:
        import openpyxl
    except ImportError:
        raise GraderError("openpyxl is not installed here: pip install 'smartlab-coursework[xlsx]'") from None
    found: ModuleType = openpyxl
    return found


def read(given: bytes, name: str) -> Any:
    """A workbook as another program wrote it. Raises GraderError."""
    openpyxl = module()
    try:
        return openpyxl.load_workbook(io.BytesIO(given))
    except Exception as trouble:  # noqa: BLE001 - openpyxl raises whatever its XML and ZIP readers do
        raise GraderError(f"{name} is not a workbook that opens: {trouble}; export it again") from None
