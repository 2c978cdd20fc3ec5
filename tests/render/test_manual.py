"""The pages of `grader explain`."""

import json
import tomllib

import msgspec
import pytest

from grader import checks
from grader.render import manual


@pytest.mark.parametrize("name", checks.TABLE)
def test_settings_can_be_copied_into_an_assignment(name: str) -> None:
    """What stands there is TOML, and changes nothing."""
    _, _, settings = manual.page(name, checks.TABLE[name]).partition("with what holds if left out:\n")
    lines = [line for line in settings.splitlines() if "(must be set)" not in line]
    stated = tomllib.loads("\n".join(lines))
    optional = {
        each.name: json.loads(msgspec.json.encode(each.default))
        for each in msgspec.structs.fields(checks.TABLE[name])
        if each.default not in (msgspec.NODEFAULT, None)  # of which TOML has no word
    }
    assert stated == optional
