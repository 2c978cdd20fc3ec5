"""Each format holds what its readers ask for; what a student wrote cannot act in any of them."""

import json
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

from msgspec.structs import replace

from grader.ground.verdict import Commit, Outcome, Points, Result, Verdict, error, note, warning
from grader.render import FORMATS, places, terminal

EVIL = "a\x1b[31mb\n::error::c\u202e%, :"
COMMIT = Commit("1a2b3c4d" * 5, "2020-11-10T22:14:03+01:00", "main", "CLAIMED_IN_TIME")
VERDICT = Verdict(
    grader="0.1.0",
    assignment="hw4",
    title="Homework 4",
    url="https://example.org/a",
    student="ABC123",
    commit=COMMIT,
    looked_at=COMMIT,
    outcome=Outcome.FAILED,
    points=Points(10, 30, 45),
    results=(
        Result(
            check="deadline", outcome=Outcome.PASSED, points=Points(0, 0, 0), required=True, looked_for="D."
        ),
        Result(
            check="splits",
            outcome=Outcome.FAILED,
            points=Points(0, 0, 15),
            required=True,
            looked_for="S.",
            seconds=2.5,
            findings=(
                error("99 test images", "data/splits.csv:7", "add one"),
                warning(EVIL, "commit 1a2b3c4"),
            ),
        ),
        Result(
            check="report",
            outcome=Outcome.PASSED,
            points=Points(10, 10, 10),
            required=False,
            looked_for="R.",
            findings=(note("names the accuracy", "report.pdf:p3"),),
        ),
        Result(
            check="accuracy",
            outcome=Outcome.INCONCLUSIVE,
            points=Points(0, 20, 20),
            required=True,
            looked_for="A.",
            findings=(note("no weights here"),),
        ),
    ),
)


def test_places() -> None:
    assert places.of("data/splits.csv:7") == places.Place("data/splits.csv", 7)
    assert places.of("a b.ipynb#c7") == places.Place("a b.ipynb")
    assert places.of("report.pdf:p3") == places.Place("report.pdf")
    assert places.of("commit 1a2b3c4") is None
    assert places.of("") is None


def test_json_keeps_its_names() -> None:
    verdict = json.loads(FORMATS["json"](VERDICT))
    assert list(verdict) == [
        *("schema", "grader", "assignment", "title", "url", "student", "commit"),
        *("looked_at", "counts", "outcome", "points", "penalty", "results", "for_instructor", "decided"),
    ]
    assert verdict["points"] == {"min": 10, "max": 30, "of": 45}
    assert verdict["results"][1]["findings"][0] == {
        "level": "error",
        "message": "99 test images",
        "where": "data/splits.csv:7",
        "hint": "add one",
    }


def test_nothing_of_a_student_acts_in_any_format() -> None:
    """No line begins with a workflow command of theirs, nothing hides or reorders what stands beside it."""
    hidden = "\u202e\u034f\u2800\U0001d173\x1b"
    evil = f"x\n::stop-commands::tok\n##vso[task.complete]{hidden}"
    result = replace(VERDICT.results[1], findings=(error(evil, evil, evil),), measured={evil: [evil]})
    commit = replace(COMMIT, branch=evil)
    verdict = replace(VERDICT, student=evil, url=evil, commit=commit, looked_at=commit, results=(result,))
    texts = {name: write(verdict) for name, write in FORMATS.items()}
    texts["terminal"] = terminal.text(verdict, terminal.Style())
    for name, text in texts.items():
        assert not set(hidden) & set(text), name
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::stop")], name
        assert "##vso[" not in text, name


def test_json_masks_what_was_measured_and_keeps_apart_what_then_looks_the_same() -> None:
    result = replace(VERDICT.results[1], measured={"counts": {"EVEN01": 1, "ODD002": 2, "ABC123": 3}})
    verdict = json.loads(FORMATS["json"](replace(VERDICT, results=(result,))))
    assert verdict["results"][0]["measured"] == {"counts": {"******": 1, "****** (2)": 2, "ABC123": 3}}


def test_sarif_points_to_lines_and_keeps_its_fingerprint_when_the_line_moves() -> None:
    run = json.loads(FORMATS["sarif"](VERDICT))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "deadline",
        "splits",
        "report",
        "accuracy",
    ]
    first, second = run["results"]
    assert (first["ruleId"], first["level"]) == ("splits", "error")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "data/splits.csv"},
        "region": {"startLine": 7},
    }
    assert second["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "README.md"}
    moved = FORMATS["sarif"](VERDICT).replace('"startLine": 7', '"startLine": 9')
    assert json.loads(moved)["runs"][0]["results"][0]["partialFingerprints"] == first["partialFingerprints"]


def test_junit_tells_failed_from_open() -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](VERDICT)).find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    assert [case.get("name") for case in suite] == ["deadline", "splits", "report", "accuracy (inconclusive)"]
    splits = suite[1]
    assert (splits.get("file"), splits.get("line"), splits.get("time")) == ("data/splits.csv", "7", "2.500")
    failure = suite.find("testcase[@name='splits']/failure")
    assert failure is not None and failure.get("message") == "99 test images"
    assert "\x1b" not in FORMATS["junit"](VERDICT)


def test_gradescope_scores_add_up_and_open_points_are_not_given() -> None:
    results = json.loads(FORMATS["gradescope"](VERDICT))
    assert results["score"] == 10
    assert [
        tuple(test.get(key) for key in ("name", "score", "max_score", "status")) for test in results["tests"]
    ] == [
        ("deadline", 0, 0, "passed"),
        ("splits", 0, 15, "failed"),
        ("report", 10, 10, "passed"),
        ("accuracy (not decided yet)", None, None, None),
    ]


def test_annotations_cannot_be_forged() -> None:
    lines = FORMATS["annotations"](VERDICT).splitlines()
    assert lines[0] == "::error file=data/splits.csv,line=7,title=splits::99 test images (add one)"
    assert lines[1] == "::warning title=splits::a\\x1b[31mb\\x0a\\x3a:error::c\\u202e%25, :"
    assert lines[2].startswith("::notice title=Homework 4::failed, 10-30/45 points, 1 errors, 1 warnings")
    assert len(lines) == 3


def test_the_terminal_shows_nothing_hidden_and_colours_only_on_request() -> None:
    plain = terminal.text(VERDICT, terminal.Style())
    assert "\x1b" not in plain and "\u202e" not in plain
    assert "FAILED  10-30/45 points" in plain
    coloured = terminal.text(VERDICT, terminal.Style(colour=True))
    assert "\x1b[1;31mFAILED\x1b[0m" in coloured
    assert all(len(line) <= 100 for line in plain.splitlines())


class Elements(HTMLParser):
    """What a browser would see: elements with their attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_shows_every_finding_and_links_places_at_the_graded_commit() -> None:
    page = Elements(FORMATS["html"](replace(VERDICT, url="https://github.com/ada/hw 4.git")))
    assert page.open == []
    text = "".join(page.texts)
    assert all(each.message in text for each in VERDICT.results[2].findings)
    assert "99 test images" in text and "10-30/45 points" in text
    links = [attributes["href"] for tag, attributes in page.found if tag == "a"]
    assert "https://github.com/ada/hw%204/blob/" + "1a2b3c4d" * 5 + "/data/splits.csv#L7" in links
    opened = {found["id"]: "open" in found for tag, found in page.found if tag == "details"}
    assert opened == {"deadline": False, "splits": True, "report": False, "accuracy": True}


def test_what_a_student_wrote_is_text_in_html() -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    finding = error(f"{evil}{EVIL}", f"{evil}.py:3", evil)
    result = replace(VERDICT.results[1], findings=(finding,))
    page = Elements(
        FORMATS["html"](
            replace(VERDICT, student=evil, url=f"https://github.com/{evil}", title=evil, results=(result,))
        )
    )
    assert not {"script", "img"} & {tag for tag, _ in page.found}
    assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
    assert "\x1b" not in "".join(page.texts) and "\u202e" not in "".join(page.texts)
    address = urlsplit(
        next(
            found["href"] or ""
            for tag, found in page.found
            if tag == "a" and "#" not in str(found["href"])[:1]
        )
    )
    assert (address.scheme, address.netloc) == ("https", "github.com")
