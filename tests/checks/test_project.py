"""The checks of a term project: README, report, size of the work."""

from collections.abc import Sequence

import pytest

from grader.checks.document import Document, DocumentFound
from grader.checks.readme import Readme, ReadmeFound
from grader.checks.work_size import WorkSize
from grader.ground.errors import SubmissionError
from grader.reading.deliverables import sections
from grader.reading.deliverables.sections import Section
from tests.conftest import Make

README = """\
# Birds by their song

We listen to birds.

## Getting the Dataset
```sh
# not a heading
make data
```
It comes from everywhere.

Training
--------
Run it, then wait.

## Evaluation
"""


def test_headings_of_markdown_and_of_restructured_text() -> None:
    assert sections.of_markup(README) == (
        Section("Birds by their song", 1, 4),
        Section("Getting the Dataset", 5, 9),
        Section("Training", 12, 4),
        Section("Evaluation", 16, 0),
    )


@pytest.mark.parametrize(
    ("titles", "wanted", "missing"),
    [(["3.1 System design"], {"methods": ("system design",)}, ()),
     (["Metadata"], {"data": ()}, ("data",)),
     (["DATA"], {"data": ()}, ()),
     ([], {"data": (), "results": ("evaluation",)}, ("data", "results"))],
)  # fmt: skip
def test_a_section_is_found_by_whole_words(
    titles: Sequence[str], wanted: dict[str, tuple[str, ...]], missing: tuple[str, ...]
) -> None:
    assert sections.lacking(titles, wanted) == missing


def test_headings_of_printed_pages() -> None:
    page = "1. Introduction\nWe present a network.\nII Methods\nlower case line\nReferences"
    assert sections.of_pages([page, "References\n"]) == ("Introduction", "Methods", "References")


def test_what_a_readme_lacks_is_named_with_the_words_that_would_do(submit: Make) -> None:
    check = Readme(sections={"data": ("dataset",), "evaluation": (), "licence": ("license",)}, words=10)
    found = check.collect(submit({"README.md": README}))
    told = [each.message for each in check.judge(found) if each.level == "error"]
    assert told == ["README.md: the section 'Evaluation' is empty", "README.md: has no section on licence"]


def test_a_short_readme_is_told_its_length() -> None:
    (told,) = Readme(words=50).judge(ReadmeFound("readme.md", 12, ()))
    assert told.message == "readme.md has 12 words, expected at least 50"


def test_no_readme_is_the_students_trouble(submit: Make) -> None:
    with pytest.raises(SubmissionError, match="there is no README"):
        Readme().collect(submit({"train.py": "pass"}))


SECTIONS = {"introduction": (), "methods": ("system design",)}


@pytest.mark.parametrize(
    ("measured", "told"),
    [(DocumentFound("report.pdf", 4, 5000, ("Introduction", "System Design")), []),
     (DocumentFound("report.pdf", 4, 5000, ("Introduction",)), ["report.pdf has no section on methods"]),
     (DocumentFound("report.pdf", 1, 5000, ("Introduction", "Methods")), ["1 pages, expected at least 2"]),
     (DocumentFound("report.pdf", 4, 10, ()), ["10 letters and digits of text, expected at least 1000"])],
)  # fmt: skip
def test_what_a_report_lacks(measured: DocumentFound, told: list[str]) -> None:
    check = Document(pages=2, sections=SECTIONS)
    assert [each.message for each in check.judge(measured) if each.level == "error"] == told


def test_a_report_that_is_no_pdf_is_named(submit: Make) -> None:
    with pytest.raises(SubmissionError, match=r"report.docx is no PDF"):
        Document().collect(submit({"report.docx": "PK"}))
    with pytest.raises(SubmissionError, match=r"report.pdf is not a PDF file that opens"):
        Document().collect(submit({"report.pdf": "PK"}))


def test_the_size_of_the_work_is_told_and_never_judged(submit: Make) -> None:
    found = WorkSize().collect(submit({"a.py": "x = 1\n\ny = 2\n", "b/c.py": "z = 3\n"}))
    assert (found.modules, found.notebooks, found.lines) == (2, 0, 3)
    assert {each.level for each in WorkSize().judge(found)} == {"note"}
