"""The class as pages: counted by hand from three verdicts and one student without any."""

from msgspec.structs import replace

from grader.assignment import Assignment
from grader.course import pages
from grader.course.lines import Line
from grader.course.roster import Member
from grader.ground.verdict import Outcome, Points, Result, warning
from tests.render.test_formats import EVIL, VERDICT, Elements

DUE = Assignment(id="hw4", title="Homework 4", points=45, criteria=())
ALL = replace(VERDICT, points=Points(45, 45, 45), outcome=Outcome.PASSED)
FOUND = (
    Line(Member("AAA111", "https://example.org/a", "Ada"), DUE, VERDICT),  # 10 of 45: the third tenth
    Line(Member("BBB222", "https://example.org/b"), DUE, ALL),  # all points: the last tenth
    Line(Member("CCC333", "https://example.org/c"), DUE, replace(ALL, student=EVIL)),
    Line(Member("DDD444", "https://example.org/d"), DUE, None, trouble=f"<b>gone{EVIL}"),
)


def test_the_class_at_a_glance() -> None:
    written = pages.pages("Homework 4", FOUND, b"secret")
    instructors = [name for name in sorted(written) if not name.startswith("students/")]
    assert instructors == ["001.html", "002.html", "003.html", "index.html"] and len(written) == 7
    page = Elements(written["index.html"])
    text = " ".join(page.texts)
    assert page.open == []
    assert "4 students" in text and "1 failed, 2 passed, 1 not measured" in text
    heights = [found["style"] for tag, found in page.found if tag == "b" and "style" in found]
    assert [height for height in heights if height != "height:0%"] == ["height:50%", "height:100%"]
    assert heights.index("height:50%") == 2 and heights.index("height:100%") == 9
    links = [found["href"] for tag, found in page.found if tag == "a"]
    assert links == ["001.html", "001.html", "002.html", "003.html"], "the first of them needs a look"
    cells = [found["aria-label"] for tag, found in page.found if tag == "td" and "aria-label" in found]
    assert cells[:2] == ["deadline: passed, 0/0", "splits: failed, 0/15"] and len(cells) == 12
    assert "3 failed" in text  # splits


def test_nothing_of_a_student_acts_on_the_instructors_page() -> None:
    page = pages.pages("Homework 4", FOUND, b"secret")["index.html"]
    assert "<b>gone" not in page and "\x1b" not in page and "\u202e" not in page


def test_the_page_of_a_student_carries_the_code_of_the_roster() -> None:
    assert "CCC333" in pages.pages("Homework 4", FOUND, b"secret")["003.html"]


def test_a_class_without_a_verdict_is_a_page_too() -> None:
    (page,) = pages.pages("Homework 4", FOUND[3:], b"secret").values()
    assert "1 not measured" in page


FLAGGED = replace(
    ALL,
    results=(
        Result(
            check="integrity",
            outcome=Outcome.PASSED,
            points=Points(0, 0, 0),
            required=False,
            looked_for="For the instructor",
            findings=(warning("too good to be true"),),
        ),
    ),
)


def test_a_students_page_has_no_finding_that_is_for_the_instructor_and_a_name_of_its_own() -> None:
    written = pages.pages("Homework 4", [Line(Member("AAA111", ""), DUE, FLAGGED)], b"secret")
    assert "too good to be true" in written["001.html"]
    assert "flagged by integrity" in written["index.html"]
    (student,) = (name for name in written if name.startswith("students/"))
    assert "AAA111" in written[student] and "too good to be true" not in written[student]
    assert "integrity" not in written[student]
    again = pages.pages("Homework 4", [Line(Member("AAA111", ""), DUE, ALL)], b"secret")
    other = pages.pages("Homework 4", [Line(Member("AAA111", ""), DUE, ALL)], b"another secret")
    assert student in again and student not in other


def test_every_page_of_the_instructor_leads_back_and_on() -> None:
    page = Elements(pages.pages("Homework 4", FOUND, b"secret")["002.html"])
    links = [found["href"] for tag, found in page.found if tag == "a" and not found["href"].startswith("#")]
    assert links[:3] == ["index.html", "001.html", "003.html"]
