"""One result model, many readers: each module here turns a verdict into the text of one format."""

from collections.abc import Callable

from grader.ground import lazy
from grader.ground.verdict import Verdict

# What `--<name> FILE` writes. A new format is one file and one line here.
FORMATS: lazy.Table[Callable[[Verdict], str]] = lazy.Table(
    __name__,
    {
        "json": "plain.text",
        "html": "page.text",
        "markdown": "markdown.text",
        "sarif": "sarif.text",
        "junit": "junit.text",
        "gradescope": "gradescope.text",
        "annotations": "annotations.text",
    },
)
