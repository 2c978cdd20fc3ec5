"""One result model, many readers: each module here turns a verdict into the text of one format."""

from collections.abc import Callable

from grader.ground.verdict import Verdict
from grader.render import annotations, gradescope, junit, markdown, page, plain, sarif

# What `--<name> FILE` writes. A new format is one file and one line here.
FORMATS: dict[str, Callable[[Verdict], str]] = {
    "json": plain.text,
    "html": page.text,
    "markdown": markdown.text,
    "sarif": sarif.text,
    "junit": junit.text,
    "gradescope": gradescope.text,
    "annotations": annotations.text,
}
