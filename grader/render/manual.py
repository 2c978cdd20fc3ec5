"""What `grader explain` prints: a check's docstring and its settings."""

import textwrap
from collections.abc import Mapping

import msgspec

from grader.checks.protocol import Check


def table(checks: Mapping[str, type[Check]]) -> str:
    """All checks, a line each."""
    width = max(len(name) for name in checks)
    lines = [f"{name:<{width}}  {check.looked_for()}" for name, check in checks.items()]
    return "\n".join([*lines, "", "grader explain CHECK tells more."]) + "\n"


def page(name: str, check: type[Check]) -> str:
    """One check: what it looks for, in which lane it runs, and what an assignment may set."""
    settings = [f"    {each.name} = {_default(each)}" for each in msgspec.structs.fields(check)]
    lines = [
        f"{name}: {textwrap.dedent('    ' + (check.__doc__ or '')).strip()}",
        "",
        f"lane: {check.lane}" + (f"; blocked by: {', '.join(check.needs)}" if check.needs else ""),
    ]
    if settings:
        lines += [
            "",
            f"settings, under [checks.{name}] in assignment.toml, with what holds if left out:",
            *settings,
        ]
    return "\n".join(lines) + "\n"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return msgspec.json.encode(field.default).decode()
    return "(must be set)"
