"""What `grader explain` prints: a check's docstring and its settings."""

import textwrap
from collections.abc import Iterator, Mapping

import msgspec

from grader.checks.protocol import Check


def table(checks: Mapping[str, type[Check]]) -> str:
    """All checks, a line each."""
    width = max(len(name) for name in checks)
    lines = [f"{name:<{width}}  {check.looked_for()}" for name, check in checks.items()]
    return "\n".join([*lines, "", "grader explain CHECK tells more."]) + "\n"


def page(name: str, check: type[Check]) -> str:
    """One check: what it looks for, in which lane it runs, and what an assignment may set."""
    settings = [f"    {line}" for each in msgspec.structs.fields(check) for line in _setting(each)]
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


def _setting(field: msgspec.structs.FieldInfo) -> Iterator[str]:
    """As lines of TOML, where it may be left out."""
    if field.default is msgspec.NODEFAULT:
        yield f"{field.name} = (must be set)"
    else:
        yield from _assigned(field.name, msgspec.to_builtins(field.default))


def _assigned(key: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _assigned(f"{key}.{name}", inner)
    elif value is None:
        yield f"# {key} is not set"
    else:  # strings, numbers and lists look the same in JSON
        yield f"{key} = {msgspec.json.encode(value).decode()}"
