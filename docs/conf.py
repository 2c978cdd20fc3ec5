"""The site: `make docs`. Its pages are the project's own Markdown files, where they lie, so that each link
holds on a code host, in an editor and here. The README is the front page; its table under "More" is the menu.
"""

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

project = "smartlab-coursework"
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = [
    "*.md",
    "docs/*.md",
    "student/README.md",
    "student/*/README.md",
    "assignments/*/README.md",
    "assignments/labs/*/README.md",
]
exclude_patterns = [".*", "build", "dist"]
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]  # the formulas of the labs
html_theme = "furo"
html_static_path = ["site"]
html_css_files = ["wide.css"]
html_title = "Coursework that grades itself"
html_show_copyright = False
html_use_index = False
html_show_sourcelink = False

ROW = re.compile(r"^\| ([^|]+?) \| (.*\.md\).*) \|$", re.M)
LINK = re.compile(r"\[([^]]+)\]\(([\w/.-]+)\.md\)")


def menu(_app: Sphinx, name: str, source: list[str]) -> None:
    """Adds a hidden table of contents for each row of the README's table of pages, and of the assignments."""
    if name == root_doc:
        for caption, links in ROW.findall(source[0]):
            entries = [f"{text[0].upper()}{text[1:]} <{page}>" for text, page in LINK.findall(links)]
            source[0] += contents(caption, *entries)
        source[0] += contents("the assignments", ":glob:", "", "assignments/*/README")
        source[0] += contents("the labs", ":glob:", "", "assignments/labs/*/README")


def contents(caption: str, *lines: str) -> str:
    return "\n".join(("", "```{toctree}", ":hidden:", f":caption: {caption}", *lines, "```", ""))


def front_page(app: Sphinx, trouble: Exception | None) -> None:
    """Web servers ask for index.html."""
    if trouble is None:
        shutil.copyfile(Path(app.outdir, f"{root_doc}.html"), Path(app.outdir, "index.html"))


def setup(app: Sphinx) -> None:
    app.connect("source-read", menu)
    app.connect("build-finished", front_page)
